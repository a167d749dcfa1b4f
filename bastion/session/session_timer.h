// Keeps a login to its limits in time: warns its user, then ends it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bastion/access/lifetime.h"
#include "bastion/loop/timer.h"

namespace bastion::session {

class SessionTimer {
 public:
  // What it needs of the session.
  struct Subject {
    std::function<std::uint64_t()> moved;  // of channel data that somebody uses, so far: both ways
    std::function<void(const std::string& warning)> warn;
    std::function<void(End end)> finish;  // may destroy the timer
  };

  SessionTimer(loop::Loop& loop, const access::Lifetime::Limits& limits, Subject subject);

  void limit(const access::Lifetime::Limits& limits);

 private:
  void look();

  loop::Loop& loop_;
  Subject subject_;
  access::Lifetime lifetime_;
  loop::Timer timer_;
};

}  // namespace bastion::session
