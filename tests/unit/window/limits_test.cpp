#include "bastion/window/limits.h"

#include <doctest/doctest.h>

#include <vector>

namespace bastion::window {

TEST_CASE("window limits: each user has so many, and gets them back") {
  Limits limits;
  std::vector<Limits::Seat> seats;
  for (std::size_t i = 0; i < kMostLive; ++i) {
    auto seat = limits.take(1, Limits::Kind::live);
    REQUIRE(seat.has_value());
    seats.push_back(*std::move(seat));
  }
  CHECK_FALSE(limits.take(1, Limits::Kind::live).has_value());
  CHECK(limits.take(2, Limits::Kind::live).has_value());
  CHECK(limits.take(1, Limits::Kind::conversation).has_value());
  seats.pop_back();
  CHECK(limits.take(1, Limits::Kind::live).has_value());
}

}  // namespace bastion::window
