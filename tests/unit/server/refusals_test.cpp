#include "bastion/server/refusals.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::server {

TEST_CASE("refusals: the first of an address is said at once, and then how many more there were") {
  Refusals refusals;
  CHECK(refusals.idle());
  CHECK(refusals.note("10.0.0.9"));
  CHECK_FALSE(refusals.note("10.0.0.9"));
  CHECK_FALSE(refusals.note("10.0.0.9"));
  CHECK(refusals.note("10.0.0.8"));
  const auto counts = refusals.next_interval();
  REQUIRE(counts.size() == 1);
  CHECK(counts.front().host == "10.0.0.9");
  CHECK(counts.front().count == 2);
}

TEST_CASE("refusals: an address that goes on is one line an interval, and one that has stopped is a new one later") {
  Refusals refusals;
  REQUIRE(refusals.note("10.0.0.9"));
  REQUIRE_FALSE(refusals.note("10.0.0.9"));
  REQUIRE(refusals.next_interval().size() == 1);
  CHECK_FALSE(refusals.note("10.0.0.9"));
  CHECK(refusals.next_interval().size() == 1);
  CHECK(refusals.next_interval().empty());
  CHECK(refusals.idle());
  CHECK(refusals.note("10.0.0.9"));
}

TEST_CASE("refusals: a flood from everywhere costs a bounded number of lines") {
  Refusals refusals;
  std::size_t lines = 0;
  for (int i = 0; i < 100'000; ++i) lines += refusals.note("fd00::" + std::to_string(i)) ? 1 : 0;
  CHECK(lines == Refusals::kAddresses);
  const auto counts = refusals.next_interval();
  REQUIRE(counts.size() == 1);
  CHECK(counts.front().host.empty());
  CHECK(counts.front().count == 100'000 - Refusals::kAddresses);
  CHECK(refusals.idle());
}

}  // namespace bastion::server
