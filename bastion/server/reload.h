// Reads the configuration again when it is asked to, beside the loop: however slow the disk is, nobody waits for it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/config/file.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"

namespace bastion::server {

class Reload {
 public:
  struct Steps {
    std::function<void()> begins;
    std::function<void(Result<config::Config> read)> ends;
  };

  // `files` reads it. `pause` is the least time between the end of one reading and the next.
  Reload(loop::Loop& loop, loop::Executor& files, config::Source source, Steps steps,
         std::chrono::milliseconds pause = kPause);
  Reload(const Reload&) = delete;
  Reload& operator=(const Reload&) = delete;

  // Reads it soon. What is asked for while it is being read leads to one more reading: the file may have changed.
  void ask();

 private:
  static constexpr std::chrono::milliseconds kPause{1000};

  void begin();
  void end(Result<config::Config> read);

  loop::Loop& loop_;
  loop::Executor& files_;
  config::Source source_;
  Steps steps_;
  std::chrono::milliseconds pause_;
  bool busy_ = false;         // reading, or pausing after that
  bool asked_again_ = false;  // meanwhile
  loop::Timer next_;
  std::optional<loop::Work> reading_;
};

}  // namespace bastion::server
