#include "bastion/upstream/bandwidth_delay.h"

#include <doctest/doctest.h>

#include <vector>

namespace bastion::upstream {

using namespace std::chrono_literals;

TEST_CASE("a line holds its rate times its shortest round trip") {
  BandwidthDelay line;
  line.carried(50'000'000, 250ms);
  CHECK(line.rate() == 100'000'000);
  CHECK(line.product() == 0);
  line.took(20ms, 0ms);
  CHECK(line.product() == 2'000'000);
  line.took(30ms, 0ms);
  CHECK(line.product() == 2'000'000);
  line.took(500us, 0ms);
  CHECK(line.product() == 50'000);
}

TEST_CASE("a line that carries less is soon taken for one that holds less") {
  BandwidthDelay line;
  line.took(10ms, 0ms);
  for (int i = 0; i < 20; ++i) line.carried(25'000'000, 250ms);
  CHECK(line.rate() > 99'000'000);
  for (int i = 0; i < 20; ++i) line.carried(0, 250ms);
  CHECK(line.rate() < 1000);
}

TEST_CASE("a round trip that has become longer is doubted after a window, and measured anew") {
  struct Sample {
    std::chrono::milliseconds at;
    std::chrono::microseconds took;
    std::chrono::microseconds shortest;
    bool doubtful;  // right after it
  };
  struct Line {
    const char* what;
    std::vector<Sample> samples;
  };
  const std::vector<Line> lines{
      {"one that stays as it is", {{0s, 10ms, 10ms, false}, {9s, 11ms, 10ms, false}, {18s, 12ms, 10ms, false}}},
      {"one that jitters: every longer one counts from the last short one",
       {{0s, 10ms, 10ms, false}, {6s, 30ms, 10ms, false}, {8s, 10ms, 10ms, false}, {15s, 40ms, 10ms, false}}},
      {"one with a longer route", {{0s, 1ms, 1ms, false}, {1s, 100ms, 1ms, false}, {10s, 100ms, 1ms, true}}},
      {"one with a shorter route", {{0s, 100ms, 100ms, false}, {1s, 1ms, 1ms, false}, {2s, 1ms, 1ms, false}}},
      {"one that was not looked at for long", {{0s, 10ms, 10ms, false}, {60s, 20ms, 10ms, true}}},
  };
  for (const auto& [what, samples] : lines) {
    CAPTURE(what);
    BandwidthDelay line;
    for (const auto& [at, took, shortest, doubtful] : samples) {
      line.took(took, at);
      CHECK(line.round_trip() == shortest);
      CHECK(line.is_doubtful(at) == doubtful);
    }
  }
}

TEST_CASE("what was measured with the line empty is what the line is") {
  BandwidthDelay line;
  CHECK_FALSE(line.is_doubtful(1h));
  line.took(1ms, 0s);
  line.took(100ms, 10s);
  CHECK(line.is_doubtful(10s));
  line.took_empty(99ms, 11s);
  CHECK(line.round_trip() == 99ms);
  CHECK_FALSE(line.is_doubtful(30s));
  CHECK(line.is_doubtful(31s));
}

TEST_CASE("what is found again and again with the line empty is doubted later and later") {
  BandwidthDelay line;
  line.took(20ms, 0s);
  std::chrono::seconds now = 0s;
  for (const auto window : {10s, 20s, 40s, 80s, 80s}) {
    line.took(60ms, now + 1s);
    CHECK_FALSE(line.is_doubtful(now + window - 1s));
    CHECK(line.is_doubtful(now + window));
    now += window;
    line.took_empty(21ms, now);
  }
  SUBCASE("unless it is so much longer that the route must be another one") {
    line.took(130ms, now + 1s);
    CHECK_FALSE(line.is_doubtful(now + 9s));
    CHECK(line.is_doubtful(now + 10s));
    line.took_empty(100ms, now + 10s);
    CHECK(line.is_doubtful(now + 30s));
  }
  SUBCASE("or it is found to be another one") {
    line.took_empty(40ms, now + 80s);
    CHECK(line.is_doubtful(now + 100s));
  }
}

}  // namespace bastion::upstream
