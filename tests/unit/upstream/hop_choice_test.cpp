#include "bastion/upstream/hop_choice.h"

#include <doctest/doctest.h>

#include <vector>

namespace bastion::upstream {
namespace {

using enum HopChoice::Then;
using enum Use;

constexpr HopLoad kUnused{};
constexpr HopLoad kQuiet{.channels = 3, .use = anything};
constexpr HopLoad kBusy{.channels = 3, .busy = true, .use = anything};
constexpr HopLoad kCrowded{.channels = kCrowd + 1, .use = anything};
constexpr HopLoad kTerminals{.channels = 3, .use = terminal};
constexpr HopLoad kFar{.channels = 1, .far = true, .use = anything};
constexpr HopLoad kFarUnused{.far = true};
constexpr HopLoad kFarTerminals{.channels = 3, .far = true, .use = terminal};

HopChoice choice(const std::vector<HopLoad>& hops, Dialling dialling = Dialling::possible) {
  return choose_hop(hops, anything, dialling);
}
HopChoice choice_of_terminal(const std::vector<HopLoad>& hops, Dialling dialling = Dialling::possible) {
  return choose_hop(hops, terminal, dialling);
}
bool spare(const std::vector<HopLoad>& hops) { return wants_spare(hops); }

}  // namespace

TEST_CASE("without a hop there is one to wait for") {
  CHECK(choice({}) == HopChoice{await_dial, {}});
  CHECK(choice({}, Dialling::not_now) == HopChoice{await_dial, {}});
}

TEST_CASE("a hop that serves is shared by all, and it is the oldest that does") {
  CHECK(choice({kUnused}) == HopChoice{take, 0});
  CHECK(choice({{.channels = kCrowd, .use = anything}, kUnused}) == HopChoice{take, 0});
  CHECK(choice({kBusy, kQuiet, kUnused}) == HopChoice{take, 1});
  CHECK(choice({kCrowded, kQuiet}) == HopChoice{take, 1});
}

TEST_CASE("a crowded hop is taken and gets company") {
  CHECK(choice({kCrowded}) == HopChoice{take_and_dial, 0});
  CHECK(choice({kBusy, kCrowded}) == HopChoice{take_and_dial, 1});
}

TEST_CASE("where every hop is a bottleneck, a new one is waited for") {
  CHECK(choice({kBusy}) == HopChoice{await_dial, 0});
  CHECK(choice({kBusy, {.channels = 1, .busy = true, .use = anything}}) == HopChoice{await_dial, 1});
}

TEST_CASE("when there cannot be another one, the least loaded hop is taken") {
  CHECK(choice({kBusy}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({kCrowded}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({kBusy, kBusy, kCrowded, kBusy}) == HopChoice{take, 2});
  CHECK(choice({kBusy, kBusy, {.channels = 2, .busy = true, .use = anything}, kBusy}) == HopChoice{take, 2});
}

TEST_CASE("terminals and everything else have hops of their own") {
  CHECK(choice_of_terminal({kQuiet, kTerminals}) == HopChoice{take, 1});
  CHECK(choice({kTerminals, kQuiet}) == HopChoice{take, 1});
  CHECK(choice_of_terminal({kQuiet, kUnused}) == HopChoice{take, 1});
  CHECK(choice_of_terminal({kQuiet}) == HopChoice{await_dial, 0});
  CHECK(choice({kTerminals}) == HopChoice{await_dial, 0});
  CHECK(choice_of_terminal({kBusy, kBusy, kBusy, kBusy}) == HopChoice{await_dial, 0});
}

TEST_CASE("where they cannot, they share") {
  CHECK(choice_of_terminal({kBusy, kQuiet}, Dialling::not_now) == HopChoice{take, 1});
  CHECK(choice({kTerminals}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({kTerminals, kCrowded}, Dialling::not_now) == HopChoice{take, 1});
}

TEST_CASE("far away everybody but terminals has a hop of their own, as long as there may be more") {
  CHECK(choice({kFar, kFarUnused}) == HopChoice{take, 1});
  CHECK(choice({kFar}) == HopChoice{await_dial, 0});
  CHECK(choice({kFar}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({{.channels = 2, .far = true, .use = anything}, kFar}) == HopChoice{await_dial, 1});
  CHECK(choice({{.channels = 2, .far = true, .use = anything}, kFar, kFar, kFar}) == HopChoice{take, 1});
  CHECK(choice_of_terminal({kFarTerminals, kFarUnused}) == HopChoice{take, 0});
}

TEST_CASE("a question of ours takes the least loaded hop that is there, whoever has it") {
  const auto choice_of_question = [](const std::vector<HopLoad>& hops) {
    return choose_hop(hops, question, Dialling::possible);
  };
  CHECK(choice_of_question({}) == HopChoice{await_dial, {}});
  CHECK(choice_of_question({kTerminals}) == HopChoice{take, 0});
  CHECK(choice_of_question({kFar}) == HopChoice{take, 0});
  CHECK(choice_of_question({kBusy}) == HopChoice{take, 0});
  CHECK(choice_of_question({kCrowded, kTerminals}) == HopChoice{take, 1});
  CHECK(choice_of_question({kBusy, kQuiet, kUnused}) == HopChoice{take, 2});
}

TEST_CASE("far away one hop is kept in reserve for the next login") {
  CHECK(spare({kFar}));
  CHECK(spare({kFarTerminals, kFar}));
  CHECK(spare({kFar, kFar, kFar, kFarTerminals}));
  CHECK_FALSE(spare({}));
  CHECK_FALSE(spare({kFar, kFarUnused}));
  CHECK_FALSE(spare({kFar, kFar, kFar, kFar}));
  CHECK_FALSE(spare({kFarTerminals}));
  CHECK_FALSE(spare({kFarUnused}));
  CHECK_FALSE(spare({kQuiet, kCrowded}));
}

}  // namespace bastion::upstream
