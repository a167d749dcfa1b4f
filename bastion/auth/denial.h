// When a login is denied. All denials take the same time, whatever was looked up and verified for them: how long one
// takes is not to tell a stranger which names and keys are known. OpenSSH does the same (auth2.c,
// ensure_minimum_time_since).
#pragma once

#include <chrono>

namespace bastion::auth {

inline constexpr std::chrono::milliseconds kDenialTakes{5};

// How long the answer to a request that came at `came` has to wait at `now`: until kDenialTakes have passed, or where
// the work took longer than that, twice, four times as much. Both by the same clock.
[[nodiscard]] constexpr std::chrono::milliseconds denial_after(std::chrono::microseconds came,
                                                               std::chrono::microseconds now) {
  using std::chrono::milliseconds;
  // In whole milliseconds, as timers count them: the fraction would tell how long the work took.
  const auto begin = std::chrono::floor<milliseconds>(came);
  const auto here = std::chrono::floor<milliseconds>(now);
  auto whole = kDenialTakes;
  while (begin + whole <= here) whole *= 2;
  return begin + whole - here;
}

}  // namespace bastion::auth
