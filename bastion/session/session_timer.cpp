#include "bastion/session/session_timer.h"

#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::session {

SessionTimer::SessionTimer(loop::Loop& loop, const access::Lifetime::Limits& limits, Subject subject)
    : loop_(loop), subject_(std::move(subject)), lifetime_(limits, loop.now()), timer_(loop, [this] { look(); }) {
  timer_.start(std::chrono::milliseconds{0});
}

void SessionTimer::limit(const access::Lifetime::Limits& limits) {
  lifetime_.limit(limits);
  timer_.start(std::chrono::milliseconds{0});
}

void SessionTimer::look() {
  const auto look = lifetime_.look(loop_.now(), subject_.moved());
  if (!look.warning.empty()) subject_.warn(look.warning);
  if (look.again) timer_.start(*look.again);
  if (look.end) {
    const auto finish = subject_.finish;  // a copy, because it may destroy us
    finish(*look.end);
  }
}

}  // namespace bastion::session
