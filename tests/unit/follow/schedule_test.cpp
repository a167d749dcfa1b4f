#include "bastion/follow/schedule.h"

#include <doctest/doctest.h>

namespace bastion::follow {
namespace {

using std::chrono::seconds;
using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("schedule: each source in its turn, and one question at a time") {
  Schedule schedule;
  schedule.set({{1, seconds{60}}, {2, seconds{30}}}, seconds{0});
  CHECK(schedule.take_due(seconds{0}) == Ids{1, 2});
  CHECK(schedule.is_asked(1));
  CHECK(schedule.take_due(seconds{100}).empty());
  schedule.over(1, seconds{100});
  CHECK_FALSE(schedule.is_asked(1));
  schedule.over(2, seconds{100});
  CHECK(schedule.take_due(seconds{129}).empty());
  CHECK(schedule.take_due(seconds{130}) == Ids{2});
  CHECK(schedule.take_due(seconds{160}) == Ids{1});
}

TEST_CASE("schedule: who wants to know does not wait for the turn, and not for a second question of somebody else") {
  Schedule schedule;
  schedule.set({{1, seconds{60}}}, seconds{0});
  CHECK(schedule.take_due(seconds{0}) == Ids{1});
  schedule.over(1, seconds{5});
  CHECK(schedule.want(1));
  CHECK(schedule.want(1));
  CHECK(schedule.take_due(seconds{5}).empty());  // it has just answered
  CHECK(schedule.take_due(seconds{6}) == Ids{1});
  CHECK(schedule.want(1));  // while it is being asked
  CHECK(schedule.take_due(seconds{8}).empty());
  schedule.over(1, seconds{9});
  CHECK(schedule.take_due(seconds{10}) == Ids{1});
  schedule.over(1, seconds{11});
  CHECK(schedule.take_due(seconds{20}).empty());
  CHECK_FALSE(schedule.want(7));
}

TEST_CASE("schedule: where another process asks, only who wants to know is answered") {
  Schedule schedule;
  schedule.set({{1, seconds{60}}}, seconds{0});
  schedule.only_when_wanted();
  CHECK(schedule.take_due(seconds{100}).empty());
  CHECK(schedule.want(1));
  CHECK(schedule.take_due(seconds{100}) == Ids{1});
}

TEST_CASE("schedule: sources come and go, and are asked more often") {
  Schedule schedule;
  schedule.set({{1, seconds{600}}}, seconds{0});
  CHECK(schedule.take_due(seconds{0}) == Ids{1});
  schedule.over(1, seconds{1});
  schedule.set({{1, seconds{10}}, {2, seconds{60}}}, seconds{2});
  CHECK(schedule.take_due(seconds{2}) == Ids{2});
  CHECK(schedule.take_due(seconds{12}) == Ids{1});
  schedule.set({}, seconds{13});  // both are being asked
  CHECK(schedule.is_asked(1));
  CHECK_FALSE(schedule.want(1));
  schedule.over(1, seconds{14});
  schedule.over(2, seconds{14});
  CHECK_FALSE(schedule.is_asked(1));
  CHECK(schedule.take_due(seconds{1000}).empty());
}

}  // namespace bastion::follow
