#include "bastion/monitor/beats.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "bastion/base/thread.h"
#include "tests/support/run_until.h"

namespace bastion::monitor {
namespace {

using test::run_until;

constexpr Beats::Times kFast{.every = std::chrono::milliseconds{1}, .stands_still = std::chrono::milliseconds{20}};

// Answers when the test says so.
struct Sleeper {
  [[nodiscard]] Watched watched() {
    return {.kind = "worker", .number = 1, .ask = [this](Watched::Take take) {
              ++asked;
              waiting = std::move(take);
            }};
  }

  int asked = 0;
  Watched::Take waiting;
};

}  // namespace

TEST_CASE("beats: a loop that runs on another thread answers again and again") {
  loop::Loop other;
  loop::Loop loop;
  std::thread thread([&other] { other.run(); });
  {
    Beats beats(
        loop,
        {{.kind = "main",
          .ask = [&other](Watched::Take take) { other.post([take = std::move(take)] { take({.strangers = 3}); }); }}},
        kFast);
    run_until(loop, [&] { return beats.lags().snapshot().steps.at(0) >= 3; });
    CHECK(beats.hearts().at(0).load.strangers == 3);
    CHECK(beats.standing_still().empty());
    other.post([&other] { other.stop(); });
    thread.join();
  }
}

TEST_CASE("beats: who does not answer is found, is not asked again, and is forgiven") {
  loop::Loop loop;
  Sleeper sleeper;
  Beats beats(loop, {sleeper.watched()}, kFast);
  run_until(loop, [&] { return !beats.standing_still().empty(); });
  CHECK(beats.standing_still() == "worker 1 has not turned for 0 s");
  CHECK(beats.hearts().at(0).lag >= kFast.stands_still);
  CHECK(sleeper.asked == 1);
  std::exchange(sleeper.waiting, nullptr)({});
  run_until(loop, [&] { return sleeper.asked == 2; });
  CHECK(beats.standing_still().empty());
}

TEST_CASE("beats: what is fresh is known when all have answered, or without who does not") {
  loop::Loop loop;
  Sleeper sleeper;
  Beats beats(loop,
              {{.kind = "main", .ask = [](const Watched::Take& take) { take({.sessions = 1}); }}, sleeper.watched()});
  int fresh = 0;
  beats.refresh([&] { ++fresh; });
  run_until(loop, [&] { return fresh == 1; });  // it has given the sleeper up
  CHECK(beats.hearts().at(0).load.sessions == 1);
  beats.refresh([&] { ++fresh; });
  std::exchange(sleeper.waiting, nullptr)({.sessions = 2});
  run_until(loop, [&] { return fresh == 2; });
  CHECK(beats.hearts().at(1).load.sessions == 2);
}

}  // namespace bastion::monitor
