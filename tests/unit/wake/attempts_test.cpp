#include "bastion/wake/attempts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::wake {
namespace {

using std::chrono::seconds;
using Then = Attempts::Then;

constexpr Attempts::Thing kWeb{Wanted::Kind::container, 1};
constexpr Attempts::Thing kDb{Wanted::Kind::container, 2};
constexpr Attempts::Thing kBackend{Wanted::Kind::backend, 1};

End failure(std::string detail) { return {Reason::container_not_started, "web", std::move(detail)}; }

}  // namespace

TEST_CASE("attempts: however many ask, one starts it and the others join") {
  Attempts attempts;
  CHECK(attempts.ask(kWeb, seconds(0)) == Then::start);
  for (int i = 0; i < 20; ++i) CHECK(attempts.ask(kWeb, seconds(i)) == Then::join);
  CHECK(attempts.ask(kDb, seconds(1)) == Then::start);       // another container
  CHECK(attempts.ask(kBackend, seconds(1)) == Then::start);  // and a backend of the same number
  attempts.over(kWeb, std::nullopt, seconds(20));
  CHECK(attempts.ask(kWeb, seconds(20)) == Then::start);  // it was stopped again
}

TEST_CASE("attempts: after each failure in a row it is left alone for twice as long, up to a bound") {
  Attempts attempts;
  seconds now{100};
  for (const int wait : {15, 30, 60, 120, 240, 240, 240}) {
    CAPTURE(wait);
    REQUIRE(attempts.ask(kWeb, now) == Then::start);
    attempts.over(kWeb, failure(std::to_string(wait)), now);
    CHECK(attempts.ask(kWeb, now) == Then::leave);
    CHECK(attempts.failure(kWeb).detail == std::to_string(wait));
    now += seconds(wait);
    CHECK(attempts.ask(kWeb, now - std::chrono::milliseconds(1)) == Then::leave);
  }
  CHECK(attempts.ask(kDb, now) == Then::start);
}

TEST_CASE("attempts: a success is the end of failures") {
  Attempts attempts;
  REQUIRE(attempts.ask(kWeb, seconds(0)) == Then::start);
  attempts.over(kWeb, failure("once"), seconds(0));
  REQUIRE(attempts.ask(kWeb, seconds(15)) == Then::start);
  attempts.over(kWeb, std::nullopt, seconds(15));
  REQUIRE(attempts.ask(kWeb, seconds(16)) == Then::start);
  attempts.over(kWeb, failure("again"), seconds(16));
  CHECK(attempts.ask(kWeb, seconds(31)) == Then::start);
}

TEST_CASE("attempts: nothing is remembered for ever, but what is under way") {
  Attempts attempts;
  for (int i = 0; i < 100; ++i) {
    const Attempts::Thing one{Wanted::Kind::container, i};
    REQUIRE(attempts.ask(one, seconds(0)) == Then::start);
    attempts.over(one, failure(""), seconds(0));
  }
  REQUIRE(attempts.ask(kBackend, seconds(0)) == Then::start);
  CHECK(attempts.size() == 101);
  CHECK(attempts.ask(kBackend, seconds(15 + 240)) == Then::join);
  CHECK(attempts.size() == 1);
}

}  // namespace bastion::wake
