#include "bastion/server/farewell.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bastion::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Farewell::Time kBegin = hours{5};

// What is said until the end, and when, in seconds from the beginning; looked at when it says so.
std::vector<std::pair<std::int64_t, std::string>> course_of(Farewell farewell) {
  std::vector<std::pair<std::int64_t, std::string>> course;
  for (auto now = kBegin;;) {
    const auto look = farewell.look(now);
    const auto at = std::chrono::floor<seconds>(now - kBegin).count();
    if (!look.warning.empty()) course.emplace_back(at, look.warning);
    if (look.end) {
      course.emplace_back(at, sentence_of(*look.end));
      return course;
    }
    REQUIRE(look.again.count() > 0);
    now += look.again;
  }
}

std::string ends_in(const std::string& time) {
  return "this session ends in " + time + ": the bastion was upgraded or reconfigured; log in again to go on";
}

std::string ended_after(const std::string& time) {
  return "closed: the bastion was upgraded or reconfigured " + time + " ago; log in again to go on";
}

}  // namespace

TEST_CASE("farewell: ten minutes before the end, one minute before it, and the end") {
  const std::vector<std::pair<std::int64_t, std::string>> expected{
      {42'600, ends_in("10 minutes")}, {43'140, ends_in("60 seconds")}, {43'200, ended_after("12 hours")}};
  CHECK(course_of(Farewell(hours{12}, kBegin)) == expected);
}

TEST_CASE("farewell: where the limit is short it is said once, when a quarter is left") {
  const std::vector<std::pair<std::int64_t, std::string>> expected{{75, ends_in("25 seconds")},
                                                                   {100, ended_after("100 seconds")}};
  CHECK(course_of(Farewell(seconds{100}, kBegin)) == expected);
}

TEST_CASE("farewell: without time it is over at once") {
  const std::vector<std::pair<std::int64_t, std::string>> expected{{0, ended_after("0 seconds")}};
  CHECK(course_of(Farewell(seconds{0}, kBegin)) == expected);
}

TEST_CASE("farewell: another limit counts from the same time on, and is announced anew") {
  Farewell farewell(hours{12}, kBegin);
  CHECK(farewell.look(kBegin + minutes{5}).warning.empty());
  farewell.limit(minutes{12});
  CHECK(farewell.look(kBegin + minutes{9}).warning == ends_in("3 minutes"));
  farewell.limit(hours{1});
  CHECK(farewell.look(kBegin + minutes{10}).warning.empty());
  CHECK(farewell.look(kBegin + minutes{50}).warning == ends_in("10 minutes"));
}

TEST_CASE("farewell: who looks late says what is true then, once") {
  Farewell farewell(hours{1}, kBegin);
  CHECK(farewell.look(kBegin + minutes{59} + seconds{30}).warning == ends_in("30 seconds"));
  CHECK(farewell.look(kBegin + minutes{59} + seconds{31}).warning.empty());
}

}  // namespace bastion::server
