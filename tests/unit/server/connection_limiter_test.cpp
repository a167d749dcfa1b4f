#include "bastion/server/connection_limiter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace bastion::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Connections are called 1, 2, 3 in the order in which they come; a lot of 0 is always dropped where lots are drawn.
struct LimiterWorld {
  explicit LimiterWorld(const ConnectionLimiter::Limits& limits) : limiter(limits) {}

  ConnectionLimiter::Verdict comes(std::string_view address, bool is_suspect = false, bool has_spoken = false) {
    return limiter.take({.id = std::to_string(++last),
                         .host = std::string(address),
                         .source = Network::parse(address).value(),
                         .is_suspect = is_suspect,
                         .has_spoken = has_spoken,
                         .lot = lot},
                        now);
  }
  std::optional<Fate> refused(std::string_view address) { return comes(address).refused; }
  // Which one is let go for it; empty: nobody, and it is let in.
  std::string displaced(std::string_view address, bool is_suspect = false, bool has_spoken = false) {
    const auto verdict = comes(address, is_suspect, has_spoken);
    CHECK_FALSE(verdict.refused);
    return verdict.makes_room ? verdict.makes_room->id : "";
  }
  void progresses(int id, Progress progress) { limiter.progressed(std::to_string(id), progress, now); }

  ConnectionLimiter limiter;
  milliseconds now{1'000'000};
  int last = 0;
  int lot = 0;
};

ConnectionLimiter::Limits at_most(int all, int per_source) {
  return {.all = {.start = all, .rate = 100, .full = all}, .per_source = per_source};
}

}  // namespace

TEST_CASE("strangers are counted in all and by source, until they are strangers no more") {
  LimiterWorld world(at_most(3, 2));
  CHECK_FALSE(world.refused("192.0.2.1"));
  CHECK_FALSE(world.refused("192.0.2.1"));
  CHECK(world.refused("192.0.2.1") == Fate::full_source);
  CHECK_FALSE(world.refused("192.0.2.2"));
  CHECK(world.refused("192.0.2.3") == Fate::full);
  CHECK(world.refused("192.0.2.1") == Fate::full_source);
  world.limiter.settle("1");
  CHECK_FALSE(world.refused("192.0.2.3"));
}

TEST_CASE("settling what was never let in changes nothing, and who was turned away is not remembered") {
  LimiterWorld world(at_most(1, 1));
  world.limiter.settle("7");
  CHECK_FALSE(world.refused("192.0.2.1"));
  for (int i = 0; i < 100; ++i) CHECK(world.refused("192.0.2.1"));
  CHECK(world.limiter.strangers() == 1);
  world.limiter.settle("1");
  CHECK_FALSE(world.refused("192.0.2.1"));
}

TEST_CASE("other limits count for whoever comes, not for whoever is there") {
  LimiterWorld world(at_most(2, 2));
  CHECK_FALSE(world.refused("192.0.2.1"));
  CHECK_FALSE(world.refused("192.0.2.1"));
  world.limiter.limit(at_most(1, 1));
  CHECK(world.refused("192.0.2.2"));
  world.limiter.settle("1");
  CHECK(world.refused("192.0.2.1"));
  world.limiter.limit(at_most(3, 2));
  CHECK_FALSE(world.refused("192.0.2.1"));
  CHECK(world.refused("192.0.2.1"));
  CHECK_FALSE(world.refused("192.0.2.2"));
}

TEST_CASE("early drop: the chance grows from the rate at the start to certainty when all is full") {
  struct Row {
    int there;
    int least_lot_let_in;  // 100: nobody is
  };
  // As OpenSSH computes it for 10:30:20.
  for (const auto& row : {Row{9, 0}, Row{10, 30}, Row{11, 37}, Row{15, 65}, Row{19, 93}, Row{20, 100}}) {
    CAPTURE(row.there);
    LimiterWorld world({.all = {.start = 10, .rate = 30, .full = 20}, .per_source = 100});
    world.lot = 99;
    for (int i = 0; i < row.there; ++i) CHECK_FALSE(world.refused("192.0.2.1"));
    int least = 0;
    for (world.lot = 0; world.lot < 100; ++world.lot) {
      const auto verdict = world.comes("192.0.2.2");
      if (verdict.refused) least = world.lot + 1;
      if (!verdict.refused) world.limiter.settle(std::to_string(world.last));
    }
    CHECK(least == row.least_lot_let_in);
  }
}

TEST_CASE("ten addresses with twenty silent connections each lock nobody out") {
  LimiterWorld world({.all = {.start = 100, .rate = 30, .full = 200}, .per_source = 20});
  world.lot = 99;
  for (int i = 0; i < 200; ++i) CHECK_FALSE(world.refused(fmt::format("192.0.2.{}", i % 10)));
  world.now += ConnectionLimiter::kSilent;
  world.lot = 0;
  for (int i = 0; i < 50; ++i) {
    const auto verdict = world.comes("198.51.100.1");
    REQUIRE_FALSE(verdict.refused);
    REQUIRE(verdict.makes_room);
    CHECK(verdict.makes_room->host.starts_with("192.0.2."));
    world.progresses(world.last, Progress::talking);
    world.limiter.settle(std::to_string(world.last));
    CHECK_FALSE(world.refused(fmt::format("192.0.2.{}", i % 10)));  // they come back
    world.now += ConnectionLimiter::kSilent;
  }
}

TEST_CASE("the silent one of the source that has most of them makes room, the longest silent first") {
  LimiterWorld world(at_most(4, 4));
  CHECK(world.displaced("192.0.2.9").empty());  // 1: alone there, and the longest silent
  world.now += milliseconds{10};
  CHECK(world.displaced("192.0.2.1").empty());  // 2
  world.now += milliseconds{10};
  CHECK(world.displaced("192.0.2.1").empty());      // 3
  CHECK(world.displaced("192.0.2.2").empty());      // 4
  CHECK(world.refused("192.0.2.3") == Fate::full);  // nobody has been silent for long
  world.now += ConnectionLimiter::kSilent;
  CHECK(world.displaced("192.0.2.3") == "2");
}

TEST_CASE("a source with a crowd of silent ones gives way sooner, to those who are few") {
  struct Row {
    int silent;      // of one source
    int from_there;  // of the newcomer's own
    bool gives_way;
  };
  for (const auto& row : {Row{3, 0, false}, Row{4, 0, true}, Row{7, 1, false}, Row{8, 1, true}}) {
    CAPTURE(row.silent);
    LimiterWorld world(at_most(row.silent + row.from_there, 100));
    for (int i = 0; i < row.silent; ++i) CHECK(world.displaced("192.0.2.1").empty());
    for (int i = 0; i < row.from_there; ++i) CHECK(world.displaced("192.0.2.2").empty());
    world.now += ConnectionLimiter::kCrowded;
    CHECK(world.comes("192.0.2.2").refused.has_value() != row.gives_way);
  }
}

TEST_CASE("who has sent a version line is let go when all is full only, and after a longer silence") {
  LimiterWorld world({.all = {.start = 1, .rate = 100, .full = 2}, .per_source = 2});
  CHECK(world.displaced("192.0.2.1").empty());
  world.progresses(1, Progress::talking);
  world.now += ConnectionLimiter::kStalled;
  CHECK(world.refused("192.0.2.2") == Fate::full);  // one more might have room: the lot has decided
  world.limiter.limit(at_most(1, 2));
  CHECK(world.displaced("192.0.2.2") == "1");
  world.progresses(3, Progress::talking);
  CHECK(world.refused("192.0.2.4") == Fate::full);
}

TEST_CASE("silent neighbours at one address make room for those who talk") {
  LimiterWorld world(at_most(100, 3));
  for (int i = 0; i < 3; ++i) CHECK(world.displaced("192.0.2.1").empty());
  CHECK(world.refused("192.0.2.1") == Fate::full_source);
  world.progresses(1, Progress::talking);
  world.now += ConnectionLimiter::kSilent;
  CHECK(world.displaced("192.0.2.1") == "2");
  CHECK(world.displaced("192.0.2.1") == "3");
  CHECK(world.refused("192.0.2.1") == Fate::full_source);
}

TEST_CASE("where a source is suspect, those that were denied give way at once, and who talks comes last") {
  LimiterWorld world(at_most(100, 3));
  for (int i = 0; i < 3; ++i) CHECK(world.displaced("192.0.2.1", true).empty());
  world.progresses(1, Progress::talking);
  world.progresses(2, Progress::denied);
  CHECK(world.refused("192.0.2.1") == Fate::full_source);
  CHECK(world.displaced("192.0.2.1", true) == "2");  // 3 is silent, but has only just come
  world.progresses(world.last, Progress::talking);
  CHECK(world.comes("192.0.2.1", true).refused == Fate::full_source);
  world.now += ConnectionLimiter::kBesideOthers;
  CHECK(world.displaced("192.0.2.1", true) == "3");
  world.progresses(world.last, Progress::talking);
  CHECK(world.comes("192.0.2.1", true).refused == Fate::full_source);
  world.now += ConnectionLimiter::kSuspectTalking;
  CHECK(world.comes("192.0.2.1", true).refused == Fate::full_source);
  CHECK(world.displaced("192.0.2.1", true, true) == "1");
}

TEST_CASE("who has sent a version line before there is room takes the place of one that is silent") {
  LimiterWorld world(at_most(3, 2));
  CHECK(world.displaced("192.0.2.1").empty());
  CHECK(world.displaced("192.0.2.1").empty());
  CHECK(world.displaced("192.0.2.2").empty());
  CHECK(world.comes("192.0.2.1", false, true).refused == Fate::full_source);  // they have only just come
  CHECK(world.comes("192.0.2.3", false, true).refused == Fate::full);
  world.now += ConnectionLimiter::kBesideOthers;
  CHECK(world.comes("192.0.2.1").refused == Fate::full_source);
  CHECK(world.displaced("192.0.2.1", false, true) == "1");
  // Both sources have one now that is silent.
  CHECK(world.displaced("192.0.2.3", false, true) == "3");
  CHECK(world.displaced("192.0.2.4", false, true) == "2");
  world.now += ConnectionLimiter::kSilent;
  CHECK(world.comes("192.0.2.5").refused == Fate::full);  // those who have spoken are no silent ones
}

}  // namespace bastion::server
