// Bytes a second that several streams share, on any threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace bastion::loop {

// What is moved is paid for afterwards: whoever has moved something goes on when that is paid for. So nobody asks
// first, nothing is locked, and among several each waits for what it has moved itself and for what the others had
// before.
class Allowance {
 public:
  using Time = std::chrono::microseconds;  // by one clock that only goes forward

  // Of the time in which nobody moved anything so much counts: a timer that is late loses nothing.
  static constexpr Time kCredit{50'000};

  explicit Allowance(std::int64_t bytes_a_second) : rate_(bytes_a_second) {}

  [[nodiscard]] std::int64_t rate() const { return rate_; }
  [[nodiscard]] Time paid_at() const { return Time{paid_at_.load(std::memory_order_relaxed)}; }
  // Returns when everything is paid for, which may be in the past.
  Time spend(std::size_t bytes, Time now) {
    const auto price = static_cast<std::int64_t>(bytes) * Time::period::den / rate_;
    auto paid = paid_at_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = std::max(paid, (now - kCredit).count()) + price;
    } while (!paid_at_.compare_exchange_weak(paid, next, std::memory_order_relaxed));
    return Time{next};
  }

 private:
  const std::int64_t rate_;
  std::atomic<std::int64_t> paid_at_ = 0;
};

}  // namespace bastion::loop
