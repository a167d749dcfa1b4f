// Runs a loop until something has happened on it. What waits for an event this way needs neither a sleep nor a clock.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

namespace bastion::test {

// The bound is for a test that has failed: it is to say so, and not to hang.
inline void run_until(loop::Loop& loop, const std::function<bool()>& happened) {
  constexpr std::chrono::seconds kForEver{60};
  bool too_long = false;
  loop::Timer look(loop, [&] {
    if (happened()) loop.stop();
  });
  loop::Timer bound(loop, [&] {
    too_long = true;
    loop.stop();
  });
  look.repeat(std::chrono::milliseconds{1});
  bound.start(kForEver);
  while (!happened() && !too_long) loop.run();
  REQUIRE_FALSE_MESSAGE(too_long, "what the test waits for does not happen");
}

}  // namespace bastion::test
