// What a line between here and a peer holds: the rate it has carried lately times the shortest round trip seen on it.
// More than that on its way waits in a queue somewhere.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bastion::upstream {

class BandwidthDelay {
 public:
  void took(std::chrono::microseconds round_trip) { shortest_ = std::min(shortest_, round_trip); }
  void carried(std::uint64_t bytes, std::chrono::milliseconds within) {
    rate_ = (rate_ + bytes * 1000 / static_cast<std::uint64_t>(within.count())) / 2;
  }

  // Bytes a second, both ways together.
  [[nodiscard]] std::uint64_t rate() const { return rate_; }
  // Bytes; none while no round trip was seen.
  [[nodiscard]] std::size_t product() const {
    if (shortest_ == kNeverSeen) return 0;
    return rate_ * static_cast<std::uint64_t>(shortest_.count()) / 1'000'000;
  }

 private:
  static constexpr auto kNeverSeen = std::chrono::microseconds::max();

  std::chrono::microseconds shortest_ = kNeverSeen;
  std::uint64_t rate_ = 0;
};

}  // namespace bastion::upstream
