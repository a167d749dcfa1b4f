// What a line between here and a peer holds: the rate it has carried lately times its round trip with nothing in the
// way. More than that on its way waits in a queue somewhere. Pure; times are the caller's.
//
// The round trip is the shortest one of the last kWindow, because a route may change to a longer one. But what is
// measured while the line is full has our own queue in it, and a queue that is allowed to be as long as it has become
// grows for ever. So when a whole window has passed in which every round trip was longer, the line is doubtful: whoever
// uses it is to take what is on its way off it, and to measure once with the line empty. (BBR calls that PROBE_RTT.)
// That costs what the line would have carried in two round trips, so the more often it finds what was known already,
// the later it is doubted again, unless a round trip takes twice as long as any before.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bastion::upstream {

class BandwidthDelay {
 public:
  static constexpr std::chrono::seconds kWindow{10};
  static constexpr std::chrono::seconds kLongestWindow{80};

  // A round trip of a line that is in use, measured until `now`.
  void took(std::chrono::microseconds round_trip, std::chrono::milliseconds now) {
    if (shortest_ == kNeverSeen || is_like_shortest(round_trip)) seen_at_ = now;
    shortest_ = std::min(shortest_, round_trip);
    if (round_trip > 2 * longest_) window_ = kWindow;
    longest_ = std::max(longest_, round_trip);
  }
  // The same with nothing on its way but the question: this is what the line is now.
  void took_empty(std::chrono::microseconds round_trip, std::chrono::milliseconds now) {
    window_ = is_like_shortest(round_trip) ? std::min(2 * window_, kLongestWindow) : 2 * kWindow;
    shortest_ = round_trip;
    seen_at_ = now;
  }
  // Nothing like the shortest round trip was seen for a whole window.
  [[nodiscard]] bool is_doubtful(std::chrono::milliseconds now) const {
    return shortest_ != kNeverSeen && now - seen_at_ >= window_;
  }
  void carried(std::uint64_t bytes, std::chrono::milliseconds within) {
    rate_ = (rate_ + bytes * 1000 / static_cast<std::uint64_t>(within.count())) / 2;
  }

  // Bytes a second, both ways together.
  [[nodiscard]] std::uint64_t rate() const { return rate_; }
  // Zero while none was seen.
  [[nodiscard]] std::chrono::microseconds round_trip() const {
    return shortest_ == kNeverSeen ? std::chrono::microseconds::zero() : shortest_;
  }
  // Bytes; none while no round trip was seen.
  [[nodiscard]] std::size_t product() const {
    return rate_ * static_cast<std::uint64_t>(round_trip().count()) / 1'000'000;
  }

 private:
  static constexpr auto kNeverSeen = std::chrono::microseconds::max();

  [[nodiscard]] bool is_like_shortest(std::chrono::microseconds round_trip) const {
    return round_trip <= shortest_ + shortest_ / 4;
  }

  std::chrono::microseconds shortest_ = kNeverSeen;
  std::chrono::microseconds longest_{0};
  std::chrono::seconds window_ = kWindow;
  std::chrono::milliseconds seen_at_{0};  // when it, or hardly more than it, was seen last
  std::uint64_t rate_ = 0;
};

}  // namespace bastion::upstream
