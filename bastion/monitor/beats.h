// Whether every loop turns, and how late: each is asked once a second what it carries, and answers when it comes to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/metrics/histogram.h"
#include "bastion/metrics/load.h"

namespace bastion::monitor {

// A loop that somebody else runs.
struct Watched {
  using Take = std::function<void(const metrics::Load&)>;

  std::string kind;  // `main`, `worker`, `strangers`
  std::size_t number = 0;
  // From any thread: it calls `take` on its own, soon. It never does when it does not run any more.
  std::function<void(Take take)> ask;
};

class Beats {
 public:
  struct Times {
    std::chrono::milliseconds every{1000};         // each is asked
    std::chrono::milliseconds stands_still{5000};  // one that has not answered for so long
  };

  // All of it belongs to the thread of `loop`, which outlives whatever is watched.
  Beats(loop::Loop& loop, std::vector<Watched> watched) : Beats(loop, std::move(watched), Times{}) {}
  Beats(loop::Loop& loop, std::vector<Watched> watched, Times times);
  Beats(const Beats&) = delete;
  Beats& operator=(const Beats&) = delete;

  struct Heart {
    Watched watched;
    metrics::Load load = {};  // when it answered last
    // How late it was then, or how long it has been silent since it was asked, if that is longer.
    std::chrono::microseconds lag{0};
    std::optional<std::chrono::microseconds> asked = std::nullopt;  // and not answered yet; by Loop::instant()
  };
  // As it is now.
  [[nodiscard]] std::vector<Heart> hearts() const;
  // `worker 1 has not turned for 7 s`; empty: all of them turn.
  [[nodiscard]] std::string standing_still() const;
  // Asks everybody once more, and calls `then` when all have answered, or after half a second.
  void refresh(std::function<void()> then);
  // Each lag that was found.
  [[nodiscard]] const metrics::Histogram& lags() const { return lags_; }

 private:
  void beat();
  void answered(std::size_t place, const metrics::Load& load, std::chrono::microseconds lag);
  void tell_fresh();

  loop::Loop& loop_;
  Times times_;
  std::vector<Heart> hearts_;
  metrics::Histogram lags_;
  std::vector<std::function<void()>> waiting_;  // for what is fresh
  loop::Timer timer_;
  loop::Timer fresh_within_;
};

}  // namespace bastion::monitor
