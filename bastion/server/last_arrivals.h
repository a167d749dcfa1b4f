// The end of a service: nobody new comes, and whoever is on the way in has a while to become a session, which has its
// own.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "bastion/loop/timer.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class LastArrivals {
 public:
  // A login takes a second or two; nobody waits longer for strangers who say nothing.
  static constexpr std::chrono::seconds kLongest{10};

  // Both outlive it. The loop is stopped when nobody is on the way any more, or has been for too long.
  struct Place {
    loop::Loop& loop;
    std::function<bool()> is_empty;
  };
  explicit LastArrivals(Place place) : place_(std::move(place)) {}

  // Half of that at most. A second call changes nothing.
  void await(std::chrono::seconds drain_timeout);
  [[nodiscard]] bool has_begun() const { return look_.has_value(); }
  // For how long that has been going on.
  [[nodiscard]] std::chrono::milliseconds spent() const;

 private:
  void look();

  Place place_;
  std::chrono::milliseconds began_{};
  std::chrono::milliseconds longest_{};
  std::optional<loop::Timer> look_;
};

}  // namespace bastion::server
