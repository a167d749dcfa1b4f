// What becomes of the frames that go one way through the delay line: each is lost, or leaves some time after it came,
// in the order in which they came. Time and chance come from outside.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace delay_line {

using Time = std::chrono::nanoseconds;  // of the monotonic clock

// An Ethernet frame of a link with the usual MTU, and some room for tags.
struct Frame {
  std::array<std::uint8_t, 1536> bytes;
  std::size_t size = 0;
};

struct Rules {
  Time delay{0};
  double loss = 0;                            // how many of all, from 0 to 1
  std::size_t largest = sizeof Frame::bytes;  // larger ones vanish, as where a packet is too big and nobody says so
};

class Direction {
 public:
  explicit Direction(std::uint64_t seed) : random_(seed) {}

  // Frames that are on their way keep the time at which they leave.
  void apply(const Rules& rules) { rules_ = rules; }

  // A frame to read into.
  [[nodiscard]] std::unique_ptr<Frame> blank() {
    if (blank_.empty()) return std::make_unique<Frame>();
    auto frame = std::move(blank_.back());
    blank_.pop_back();
    return frame;
  }
  void done_with(std::unique_ptr<Frame> frame) { blank_.push_back(std::move(frame)); }

  void came(std::unique_ptr<Frame> frame, Time now) {
    const bool lost = chance_(random_) < rules_.loss || frame->size > rules_.largest || held_.size() >= kMost;
    if (lost) return done_with(std::move(frame));
    // Where the delay has become shorter, nobody overtakes.
    latest_ = std::max(latest_, now + rules_.delay);
    held_.push_back({latest_, std::move(frame)});
  }

  // When the next one leaves.
  [[nodiscard]] Time next() const { return held_.empty() ? Time::max() : held_.front().leaves; }
  // The frames that leave until `now`, the `nth` from 0; nullptr: there are no more.
  [[nodiscard]] const Frame* due(std::size_t nth, Time now) const {
    return nth < held_.size() && held_[nth].leaves <= now ? held_[nth].frame.get() : nullptr;
  }
  void left(std::size_t count) {
    for (; count > 0; --count) {
      done_with(std::move(held_.front().frame));
      held_.pop_front();
    }
  }

 private:
  // Two hundred MiB each way: more than any TCP connection has on its way.
  static constexpr std::size_t kMost = 128 * 1024;

  struct Held {
    Time leaves;
    std::unique_ptr<Frame> frame;
  };

  Rules rules_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<> chance_{0, 1};
  std::deque<Held> held_;
  std::vector<std::unique_ptr<Frame>> blank_;
  Time latest_{0};
};

}  // namespace delay_line
