// Measures a line while it is used: says when to ask the peer for a sign of life, whose answer is a round trip, and
// when to take off it what is on its way (bandwidth_delay.h says why). Pure; the one who uses the line does what it
// says.
#pragma once

#include <chrono>
#include <cstdint>

#include "bastion/upstream/bandwidth_delay.h"

namespace bastion::upstream {

class LineGauge {
 public:
  // How a question finds the line. What was on its way when the line was to be emptied comes before the answer to the
  // first question after that; nothing does before the answer to the second one.
  enum class Line : std::uint8_t { in_use, emptying, empty };
  enum class Then : std::uint8_t {
    go_on,
    ask,
    empty,  // put as little as possible on the line from now on, and ask
    fill,   // as it was before
  };

  // A line in use is measured so often,
  static constexpr std::chrono::seconds kEvery{1};
  // which it is when it carries more than that between two ticks.
  static constexpr std::uint64_t kSomething = 64 * 1024;
  // Far away is what takes so long, several times: once it may have met a busy machine.
  static constexpr std::chrono::milliseconds kFar{20};
  static constexpr int kTimes = 3;

  // Some times a second: what was carried since the last time.
  [[nodiscard]] Then tick(std::uint64_t bytes, std::chrono::milliseconds within, std::chrono::milliseconds now) {
    if (line_ != Line::in_use) return Then::go_on;  // it carries less than it could
    product_.carried(bytes, within);
    if (bytes <= kSomething) return Then::go_on;
    // What was seen before it idled may be old without being wrong: it is doubted when there is an answer of now.
    if (product_.is_doubtful(now) && now - answered_at_ < BandwidthDelay::kWindow) {
      line_ = Line::emptying;
      return Then::empty;
    }
    return now - asked_at_ >= kEvery ? Then::ask : Then::go_on;
  }
  // Somebody asks, whoever it is: how the question finds the line.
  [[nodiscard]] Line asked(std::chrono::milliseconds now) {
    asked_at_ = now;
    return line_;
  }
  // The answer to a question that was asked like that.
  [[nodiscard]] Then answered(Line found, std::chrono::microseconds took, std::chrono::milliseconds now) {
    answered_at_ = now;
    if (found == Line::empty && line_ == Line::empty) {
      product_.took_empty(took, now);
      line_ = Line::in_use;
      return Then::fill;
    }
    product_.took(took, now);
    if (found == Line::emptying && line_ == Line::emptying) {
      line_ = Line::empty;
      return Then::ask;
    }
    if (times_ < kTimes) ++times_;
    return times_ < kTimes && took >= kFar ? Then::ask : Then::go_on;
  }

  [[nodiscard]] const BandwidthDelay& product() const { return product_; }
  [[nodiscard]] bool is_far() const { return times_ == kTimes && product_.round_trip() >= kFar; }

 private:
  BandwidthDelay product_;
  Line line_ = Line::in_use;
  std::chrono::milliseconds asked_at_{0};
  std::chrono::milliseconds answered_at_{0};
  int times_ = 0;  // measured, as far as it matters
};

}  // namespace bastion::upstream
