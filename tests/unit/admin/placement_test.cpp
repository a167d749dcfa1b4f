#include "bastion/admin/commands/placement.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::admin {
namespace {

std::string placed(const std::vector<Candidate>& candidates) {
  const auto best = place(candidates);
  return best ? candidates[*best].name : "nowhere";
}

}  // namespace

TEST_CASE("a new container goes where there is most room, measured by capacity") {
  CHECK(placed({}) == "nowhere");
  CHECK(placed({{"be1", 30}, {"be2", 25}, {"be3", 35}}) == "be2");
  CHECK(placed({{"be1", 30}, {"be3", 35}}) == "be1");
  CHECK(placed({{"be3", 7}, {"be1", 7}, {"be2", 7}}) == "be1");
  CHECK(placed({{"be1", 30, 60}, {"be2", 25, 40}, {"be3", 35, 100}}) == "be3");
  CHECK(placed({{"be1", 10, 20}, {"be2", 1, 2}}) == "be1");
  CHECK(placed({{"be1", 20, 20}, {"be2", 39, 40}}) == "be2");
  CHECK(placed({{"be1", 20, 20}, {"be2", 41, 40}}) == "nowhere");
}

TEST_CASE("a backend without a capacity is measured as if it were as large as the largest") {
  CHECK(placed({{"be1", 30, 60}, {"be2", 40}}) == "be1");
  CHECK(placed({{"be1", 30, 60}, {"be2", 20}}) == "be2");
  CHECK(placed({{"be1", 60, 60}, {"be2", 1000}}) == "be2");
}

TEST_CASE("by what machines have, it goes where a processor is to spare, and then where most memory is free") {
  const auto best = [](const std::vector<Machine>& machines) {
    const auto found = place_by_resources(machines);
    return found ? machines[*found].name : "nowhere";
  };
  CHECK(best({}) == "nowhere");
  CHECK(best({{"be1", {1, true}}, {"be2", {3, true}}, {"be3", {2, true}}}) == "be2");
  CHECK(best({{"be1", {1, true}}, {"be2", {3, false}}}) == "be1");
  CHECK(best({{"be1", {1, false}}, {"be2", {3, false}}}) == "be2");
  CHECK(best({{"be2", {1, true}}, {"be1", {1, true}}}) == "be1");
}

}  // namespace bastion::admin
