#include "bastion/access/lifetime.h"

#include <doctest/doctest.h>

namespace bastion::access {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Time = Lifetime::Time;

// A login that is looked at whenever it asks for it; says what happened first and when.
struct Life {
  Lifetime lifetime;
  Time now{0};
  std::uint64_t moved = 0;
  Time next{0};

  explicit Life(const Lifetime::Limits& limits) : lifetime(limits, Time{0}) {}

  // The next warning or sentence up to a time; empty when there is none.
  std::string until(Time end) {
    while (next <= end) {
      now = next;
      const auto look = lifetime.look(now, moved);
      REQUIRE(look.again.value_or(Time{1}) > Time{0});
      next = look.again ? now + *look.again : Time::max();
      if (look.end) return sentence_of(*look.end);
      if (!look.warning.empty()) return look.warning;
    }
    now = end;
    return {};
  }
};

}  // namespace

TEST_CASE("lifetime: without limits nobody ever looks") {
  Lifetime lifetime({}, Time{0});
  const auto look = lifetime.look(Time{0}, 0);
  CHECK_FALSE(look.again);
  CHECK_FALSE(look.end);
}

TEST_CASE("lifetime: a login ends at its limit, and a minute before says so") {
  Life life({.idle = {}, .total = hours{8}});
  CHECK(life.until(hours{24}) == "this session ends in 60 seconds: session limit 8 hours");
  CHECK(life.now == hours{8} - seconds{60});
  CHECK(life.until(hours{24}) == "closed: session limit 8 hours reached; log in again to go on");
  CHECK(life.now == hours{8});
}

TEST_CASE("lifetime: a short limit is announced in its last quarter") {
  Life life({.idle = {}, .total = seconds{8}});
  CHECK(life.until(hours{1}) == "this session ends in 2 seconds: session limit 8 seconds");
  CHECK(life.now == seconds{6});
}

TEST_CASE("lifetime: nothing happens, and that is the end") {
  Life life({.idle = minutes{10}, .total = {}});
  CHECK(life.until(hours{24}) == "this session ends in 60 seconds if it stays idle");
  CHECK(life.now == minutes{9});
  CHECK(life.until(hours{24}) == "closed: idle for 10 minutes");
  CHECK(life.now == minutes{10});
}

TEST_CASE("lifetime: whatever happens puts off the end, and the warning comes again") {
  Life life({.idle = minutes{10}, .total = {}});
  for (int round = 1; round <= 3; ++round) {
    CHECK(life.until(hours{1}) == "this session ends in 60 seconds if it stays idle");
    ++life.moved;
    CHECK(life.until(life.now + minutes{5}) == "");
  }
  CHECK(life.now > minutes{30});
}

TEST_CASE("lifetime: an idle login is looked at no more often than it takes") {
  Lifetime lifetime({.idle = hours{8}, .total = {}}, Time{0});
  CHECK(lifetime.look(Time{0}, 0).again == seconds{30});
}

TEST_CASE("lifetime: a limit that is set later counts from the beginning; one that is lifted does not count") {
  Life life({});
  CHECK(life.until(hours{1}) == "");
  life.lifetime.limit({.idle = {}, .total = minutes{30}});
  life.next = life.now;
  CHECK(life.until(hours{1}) == "closed: session limit 30 minutes reached; log in again to go on");

  Life other({.idle = minutes{1}, .total = minutes{2}});
  CHECK(other.until(hours{1}) == "this session ends in 15 seconds if it stays idle");
  other.lifetime.limit({});
  CHECK(other.until(hours{1}) == "");
}

}  // namespace bastion::access
