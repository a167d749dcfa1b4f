// The time of day, for records that people read. Whatever measures a while uses the loop's clock instead.
#pragma once

#include <chrono>
#include <cstdint>

namespace bastion {

// Seconds since 1970, UTC.
[[nodiscard]] inline std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace bastion
