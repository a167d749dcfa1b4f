#include "bastion/upstream/hop_choice.h"

#include <doctest/doctest.h>

#include <vector>

namespace bastion::upstream {
namespace {

using enum HopChoice::Then;

constexpr HopLoad kQuiet{.channels = 3, .busy = false};
constexpr HopLoad kBusy{.channels = 3, .busy = true};
constexpr HopLoad kCrowded{.channels = kCrowd + 1, .busy = false};

HopChoice choice(const std::vector<HopLoad>& hops, Dialling dialling = Dialling::possible) {
  return choose_hop(hops, dialling);
}

}  // namespace

TEST_CASE("without a hop there is one to wait for") {
  CHECK(choice({}) == HopChoice{await_dial, {}});
  CHECK(choice({}, Dialling::not_now) == HopChoice{await_dial, {}});
}

TEST_CASE("a hop that serves is shared by all, and it is the oldest that does") {
  CHECK(choice({{}}) == HopChoice{take, 0});
  CHECK(choice({{.channels = kCrowd, .busy = false}, {}}) == HopChoice{take, 0});
  CHECK(choice({kBusy, kQuiet, {}}) == HopChoice{take, 1});
  CHECK(choice({kCrowded, kQuiet}) == HopChoice{take, 1});
}

TEST_CASE("a crowded hop is taken and gets company") {
  CHECK(choice({kCrowded}) == HopChoice{take_and_dial, 0});
  CHECK(choice({kBusy, kCrowded}) == HopChoice{take_and_dial, 1});
}

TEST_CASE("where every hop is a bottleneck, a new one is waited for") {
  CHECK(choice({kBusy}) == HopChoice{await_dial, 0});
  CHECK(choice({kBusy, {.channels = 1, .busy = true}}) == HopChoice{await_dial, 1});
}

TEST_CASE("when there cannot be another one, the least loaded hop is taken") {
  CHECK(choice({kBusy}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({kCrowded}, Dialling::not_now) == HopChoice{take, 0});
  CHECK(choice({kBusy, kBusy, kCrowded, kBusy}) == HopChoice{take, 2});
  CHECK(choice({kBusy, kBusy, {.channels = 2, .busy = true}, kBusy}) == HopChoice{take, 2});
}

}  // namespace bastion::upstream
