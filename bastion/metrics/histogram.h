// How long something took, counted by steps of a fixed scale.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bastion::metrics {

// From any thread; it adds two numbers and takes no lock.
class Histogram {
 public:
  using Duration = std::chrono::microseconds;

  // The upper ends of the steps; the last step has none. From a look-up in memory to a login that gives up.
  static constexpr auto kBounds = std::to_array<Duration>({
      Duration{500},
      Duration{1'000},
      Duration{2'500},
      Duration{5'000},
      Duration{10'000},
      Duration{25'000},
      Duration{50'000},
      Duration{100'000},
      Duration{250'000},
      Duration{500'000},
      Duration{1'000'000},
      Duration{2'500'000},
      Duration{5'000'000},
      Duration{10'000'000},
      Duration{30'000'000},
  });

  void observe(Duration took) {
    const auto step = std::ranges::lower_bound(kBounds, took) - kBounds.begin();
    steps_.at(static_cast<std::size_t>(step)).fetch_add(1, std::memory_order_relaxed);
    const auto more = std::max(took, Duration::zero()).count();
    sum_.fetch_add(static_cast<std::uint64_t>(more), std::memory_order_relaxed);
  }

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> steps{};  // each alone
    Duration sum{};                                         // may be that of one more or less
  };
  [[nodiscard]] Snapshot snapshot() const {
    Snapshot now;
    for (std::size_t i = 0; i < steps_.size(); ++i) now.steps.at(i) = steps_.at(i).load(std::memory_order_relaxed);
    now.sum = Duration{static_cast<Duration::rep>(sum_.load(std::memory_order_relaxed))};
    return now;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> steps_{};
  std::atomic<std::uint64_t> sum_ = 0;  // microseconds
};

}  // namespace bastion::metrics
