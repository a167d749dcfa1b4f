// How long to leave a peer alone that could not be reached: twice as long after each failure in a row, up to a bound,
// and never quite the same, so that several bastions do not knock in step. Time and chance are arguments.
#pragma once

#include <chrono>

namespace bastion::upstream {

class Backoff {
 public:
  struct Settings {
    std::chrono::milliseconds first{500};
    std::chrono::milliseconds longest{5000};
    double jitter = 0.25;  // the wait is this much shorter or longer, at most
  };

  Backoff() = default;
  explicit Backoff(Settings settings) : settings_(settings) {}

  // `chance` is drawn anew each time, evenly from [0, 1).
  void failed(std::chrono::milliseconds now, double chance);
  void succeeded() { failures_ = 0; }

  // Until the next attempt may begin; zero when it may at once.
  [[nodiscard]] std::chrono::milliseconds left(std::chrono::milliseconds now) const;

 private:
  Settings settings_;
  int failures_ = 0;  // in a row
  std::chrono::milliseconds until_{0};
};

}  // namespace bastion::upstream
