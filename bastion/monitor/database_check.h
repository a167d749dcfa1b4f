// Whether the database can be read, at this moment.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"

namespace bastion::monitor {

class DatabaseCheck {
 public:
  using OnChecked = std::function<void(const Result<>& readable)>;

  // What is asked for while it is being read waits for the same answer. It comes within this time.
  static constexpr std::chrono::seconds kWithin{3};

  // `questions` opens and reads it.
  DatabaseCheck(loop::Loop& loop, loop::Executor& questions, std::filesystem::path file);
  DatabaseCheck(const DatabaseCheck&) = delete;
  DatabaseCheck& operator=(const DatabaseCheck&) = delete;

  void ask(OnChecked on_checked);

 private:
  void end(const Result<>& readable);
  void tell(const Result<>& readable);

  loop::Loop& loop_;
  loop::Executor& questions_;
  std::filesystem::path file_;
  std::vector<OnChecked> waiting_;
  loop::Timer within_;
  std::optional<loop::Work> reading_;
};

}  // namespace bastion::monitor
