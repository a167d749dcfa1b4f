// What a daemon lists, heard by every bastion of a fleet.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/follow/put.h"
#include "store/audit.h"
#include "store/sightings.h"
#include "store/sources.h"
#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {
namespace {

follow::Instance web_at(std::string address) {
  return {.name = "web",
          .project = "default",
          .location = "none",
          .status = "Running",
          .cards = {{.name = "eth0", .is_of_profile = true, .address = address}},
          .addresses = {address}};
}

// alice/web on be1, which has a source.
std::int64_t followed_web(Copy& copy) {
  const auto alice = must(copy.add_user("alice"));
  return must(copy.database.change([&]() -> Result<std::int64_t> {
    Backend backend;
    backend.name = "be1";
    backend.host = "be1.example";
    backend.account = "hop";
    backend.id = must(copy.backends.add(backend));
    must(Sources(copy.database).set(backend.id, "incus every=60"));
    return copy.containers.add({.name = "web",
                                .owner = alice,
                                .owner_name = "alice",
                                .backend = backend.id,
                                .backend_name = "be1",
                                .address = "10.0.3.5",
                                .account = "alice"});
  }));
}

}  // namespace

TEST_CASE("fleet: a move that two bastions hear of is one change") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  const auto web = followed_web(*one);
  must(two->replica.catch_up(two->database));
  const auto backend = must(one->backends.get("be1")).id;
  CHECK(must(follow::put(one->database, backend, {web_at("10.0.3.7")}, 7)).moved.size() == 1);
  CHECK(must(follow::put(two->database, backend, {web_at("10.0.3.7")}, 8)).moved.empty());
  CHECK(must(two->containers.with_id(web))->address == "10.0.3.7");
  CHECK(dump(one->database) == dump(two->database));
  CHECK(must(Audit(one->database).latest(10)).size() == 1);
  CHECK(must(Audit(two->database).latest(10)).empty());

  // What each has seen is its own.
  CHECK(must(Sightings(one->database).of_container(web))->seen_at == 7);
  CHECK(must(Sightings(two->database).of_container(web))->seen_at == 8);
  must(one->database.change([&] { return one->containers.remove(web); }));
  must(two->replica.catch_up(two->database));
  CHECK_FALSE(must(Sightings(two->database).of_container(web)));
  CHECK(must(follow::put(two->database, backend, {web_at("10.0.3.7")}, 9)).listed == 0);
}

}  // namespace bastion::store::fleet
