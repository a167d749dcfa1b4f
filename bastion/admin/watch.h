// A command that is run again and again, for as long as somebody looks at it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "bastion/admin/desk.h"
#include "bastion/loop/timer.h"

namespace bastion::admin {

class Watch {
 public:
  static constexpr std::chrono::seconds kEvery{1};

  // `desk` outlives it, and runs nothing else meanwhile. `show` gets each outcome; after one that is not `done` there
  // is no other.
  Watch(loop::Loop& loop, Desk& desk, std::vector<std::string> words, std::function<void(const Outcome&)> show);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start();

 private:
  Desk& desk_;
  std::vector<std::string> words_;
  std::function<void(const Outcome&)> show_;
  loop::Timer again_;
};

// The text in place of whatever is on the terminal, as much of it as fits.
[[nodiscard]] std::string redrawn(std::string_view text, std::uint32_t rows);

}  // namespace bastion::admin
