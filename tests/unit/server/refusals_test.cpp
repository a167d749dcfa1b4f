#include "bastion/server/refusals.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::server {
namespace {

constexpr auto kLimit = Fate::full;

}  // namespace

TEST_CASE("refusals: the first of an address is said at once, and then how many more there were") {
  Refusals refusals;
  CHECK(refusals.idle());
  CHECK(refusals.note({"10.0.0.9", kLimit}));
  CHECK_FALSE(refusals.note({"10.0.0.9", kLimit}));
  CHECK_FALSE(refusals.note({"10.0.0.9", kLimit}));
  CHECK(refusals.note({"10.0.0.8", kLimit}));
  const auto counts = refusals.next_interval();
  REQUIRE(counts.size() == 1);
  CHECK(counts.front().refused == Refusals::Refused{"10.0.0.9", kLimit});
  CHECK(counts.front().count == 2);
}

TEST_CASE("refusals: an address that goes on is one line an interval, and one that has stopped is a new one later") {
  Refusals refusals;
  REQUIRE(refusals.note({"10.0.0.9", kLimit}));
  REQUIRE_FALSE(refusals.note({"10.0.0.9", kLimit}));
  REQUIRE(refusals.next_interval().size() == 1);
  CHECK_FALSE(refusals.note({"10.0.0.9", kLimit}));
  CHECK(refusals.next_interval().size() == 1);
  CHECK(refusals.next_interval().empty());
  CHECK(refusals.idle());
  CHECK(refusals.note({"10.0.0.9", kLimit}));
}

TEST_CASE("refusals: each fate has counts of its own") {
  Refusals refusals;
  for (const auto limit : {Fate::full, Fate::full_source}) {
    CHECK(refusals.note({"10.0.0.9", limit}));
    CHECK_FALSE(refusals.note({"10.0.0.9", limit}));
  }
  CHECK(refusals.next_interval().size() == 2);
}

TEST_CASE("refusals: a flood from everywhere costs a bounded number of lines") {
  Refusals refusals;
  std::size_t lines = 0;
  for (int i = 0; i < 100'000; ++i) lines += refusals.note({"fd00::" + std::to_string(i), kLimit}) ? 1 : 0;
  CHECK(lines == Refusals::kAddresses);
  const auto counts = refusals.next_interval();
  REQUIRE(counts.size() == 1);
  CHECK(counts.front().refused == Refusals::Refused{"others", kLimit});
  CHECK(counts.front().count == 100'000 - Refusals::kAddresses);
  CHECK(refusals.idle());
}

}  // namespace bastion::server
