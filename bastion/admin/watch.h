// A command that is run again and again, for as long as somebody looks at it: all of it each time, or, where it is
// followed, what is new. So is one that comes part by part, each when it is due.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/command_executor.h"
#include "bastion/loop/timer.h"

namespace bastion::admin {

class Watch {
 public:
  static constexpr std::chrono::seconds kEvery{1};
  // Between two looks whether there is room for the next part.
  static constexpr std::chrono::milliseconds kSoon{20};

  // Who looks at it.
  struct Viewer {
    std::function<void(const Outcome&)> show;
    std::function<bool()> has_room;  // while there is none, nothing is run: what is shown does not pile up
  };

  // `executor` outlives it, and runs nothing else meanwhile. After an outcome that is not `done` there is no other, nor
  // after the last part.
  Watch(loop::Loop& loop, CommandExecutor& executor, std::vector<std::string> words, Viewer viewer);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start();

 private:
  CommandExecutor& executor_;
  std::vector<std::string> words_;
  Viewer viewer_;
  bool again_ = false;
  std::optional<FollowedAudit> after_;        // of what is followed
  std::optional<Streaming> streaming_;        // of what comes part by part
  std::shared_ptr<const Activities> before_;  // of what is shown per second
  bool is_streamed_;
  loop::Timer next_;
};

// The text in place of whatever is on the terminal, as much of it as fits.
[[nodiscard]] std::string redrawn(std::string_view text, std::uint32_t rows);

}  // namespace bastion::admin
