#include "bastion/upstream/line_gauge.h"

#include <doctest/doctest.h>

namespace bastion::upstream {
namespace {

using namespace std::chrono_literals;
using enum LineGauge::Then;

constexpr std::uint64_t kMiB = 1024 * 1024;

// A line that is told the time, and what it carries.
struct Gauged {
  LineGauge gauge;
  std::chrono::milliseconds now = 0ms;
  LineGauge::Line found{};

  LineGauge::Then tick(std::uint64_t bytes) {
    now += 250ms;
    return gauge.tick(bytes, 250ms, now);
  }
  void ask() { found = gauge.asked(now); }
  LineGauge::Then answer(std::chrono::microseconds took) { return gauge.answered(found, took, now); }
  // In use, and asked as it wants to be, until it says something else.
  LineGauge::Then use(std::chrono::milliseconds time, std::chrono::microseconds round_trip) {
    for (const auto end = now + time; now < end;) {
      const auto then = tick(kMiB);
      if (then != go_on && then != LineGauge::Then::ask) return then;
      if (then == LineGauge::Then::ask) {
        ask();
        if (answer(round_trip) == LineGauge::Then::ask) ask();
      }
    }
    return go_on;
  }
};

}  // namespace

TEST_CASE("a line in use is measured once a second, one that idles is not") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  for (int i = 0; i < 20; ++i) CHECK(line.tick(1000) == go_on);
  CHECK(line.tick(kMiB) == ask);
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  for (int i = 0; i < 3; ++i) CHECK(line.tick(kMiB) == go_on);
  CHECK(line.tick(kMiB) == ask);
}

TEST_CASE("a line that has idled is measured before it is doubted, and is not emptied where it is as it was") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  for (const auto idle : {20s, 3600s}) {
    line.now += idle;
    CHECK(line.tick(kMiB) == ask);
    line.ask();
    CHECK(line.tick(kMiB) == go_on);  // the answer is on its way
    CHECK(line.answer(1ms) == go_on);
    CHECK(line.use(5s, 1ms) == go_on);
  }
}

TEST_CASE("a line that has idled, and has become longer meanwhile, is emptied when that was measured") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  line.now += 20s;
  CHECK(line.tick(kMiB) == ask);
  line.ask();
  CHECK(line.answer(100ms) == ask);  // is it far?
  line.ask();
  CHECK(line.tick(kMiB) == empty);
}

TEST_CASE("a line whose round trip stays as it is is never emptied") {
  Gauged line;
  line.ask();
  CHECK(line.answer(10ms) == go_on);
  CHECK(line.use(60s, 11ms) == go_on);
}

TEST_CASE("after a change of route the line is emptied and measured, and then holds more") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  CHECK(line.use(5s, 1ms) == go_on);
  const auto held = line.gauge.product().product();
  CHECK(line.use(30s, 100ms) == empty);
  CHECK(line.now <= 16s);
  line.ask();
  CHECK(line.tick(0) == go_on);
  CHECK(line.answer(140ms) == ask);
  line.ask();
  CHECK(line.answer(100ms) == fill);
  CHECK(line.gauge.product().round_trip() == 100ms);
  CHECK(line.gauge.product().product() > 90 * held);
  CHECK(line.use(60s, 110ms) == go_on);
}

TEST_CASE("a queue of its own is emptied now and then, and the line holds no more for it") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  for (int i = 0; i < 5; ++i) {
    CHECK(line.use(90s, 50ms) == empty);
    line.ask();
    CHECK(line.answer(50ms) == ask);
    line.ask();
    CHECK(line.answer(1ms) == fill);
    CHECK(line.gauge.product().round_trip() == 1ms);
  }
}

TEST_CASE("what others ask meanwhile neither ends the emptying nor counts as a line that was empty") {
  Gauged line;
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  CHECK(line.use(30s, 50ms) == empty);
  line.ask();
  const auto other = line.gauge.asked(line.now);
  CHECK(line.answer(50ms) == ask);
  line.ask();
  CHECK(line.gauge.answered(other, 40ms, line.now) == go_on);
  CHECK(line.answer(30ms) == fill);
  CHECK(line.gauge.answered(LineGauge::Line::empty, 90ms, line.now) == go_on);
  CHECK(line.gauge.product().round_trip() == 30ms);
}

TEST_CASE("a line is far when it took long each of several times, and is asked so often at once") {
  Gauged line;
  line.ask();
  CHECK(line.answer(50ms) == ask);
  CHECK_FALSE(line.gauge.is_far());
  line.ask();
  CHECK(line.answer(50ms) == ask);
  line.ask();
  CHECK(line.answer(50ms) == go_on);
  CHECK(line.gauge.is_far());
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  CHECK_FALSE(line.gauge.is_far());
}

TEST_CASE("a near line that was slow once is not far") {
  Gauged line;
  line.ask();
  CHECK(line.answer(50ms) == ask);
  line.ask();
  CHECK(line.answer(1ms) == go_on);
  CHECK_FALSE(line.gauge.is_far());
}

}  // namespace bastion::upstream
