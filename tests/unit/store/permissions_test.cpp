#include "store/permissions.h"

#include <doctest/doctest.h>

#include <functional>
#include <string_view>

#include "store/sessions.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;
using test::SmallWorld;

// alice with a key and a container on be1, open to bob.
struct Furnished : SmallWorld {
  std::int64_t alice = user("alice");
  std::int64_t bob = user("bob");
  std::int64_t be1 = backend("be1");
  std::int64_t web = container("alice", "web", "be1", "10.0.3.100");
  Permissions permissions{database};
  Sessions sessions{database};

  Furnished() {
    key("alice", "A");
    must(shares.add(web, bob, std::nullopt));
  }
  std::int64_t key_id() { return must(keys.of_user(alice)).front().id; }
};

struct Event {
  std::string_view what;
  std::function<void(Furnished&)> change;
};

bool makes_it_grow(const Event& event) {
  Furnished world;
  const auto before = must(world.permissions.generation());
  event.change(world);
  return must(world.permissions.generation()) > before;
}

}  // namespace

TEST_CASE("whatever may end or change a running session makes the generation grow") {
  const Event events[] = {
      {"a user is disabled", [](auto& world) { must(world.users.disable(world.alice, 0)); }},
      {"a user is enabled", [](auto& world) { must(world.users.enable(world.alice)); }},
      {"a user is changed", [](auto& world) { must(world.users.update(must(world.users.get("alice")))); }},
      {"a user is removed", [](auto& world) { must(world.users.remove(world.bob)); }},
      {"a key is changed",
       [](auto& world) {
         must(world.keys.update({.id = world.key_id(), .blob = {}, .fingerprint = {}, .comment = {}}));
       }},
      {"a key is removed", [](auto& world) { must(world.keys.remove(world.alice, "SHA256:A")); }},
      {"a container is added", [](auto& world) { world.container("alice", "db", "be1", "10.0.3.101"); }},
      {"a container is removed", [](auto& world) { must(world.containers.remove(world.web)); }},
      {"a share is added",
       [](auto& world) {
         must(world.shares.add(world.container("bob", "db", "be1", "10.0.3.101"), world.alice, std::nullopt));
       }},
      {"a share is given an end", [](auto& world) { must(world.shares.add(world.web, world.bob, 1)); }},
      {"a share is removed", [](auto& world) { must(world.shares.remove(world.web, world.bob)); }},
      {"a group is joined", [](auto& world) { world.group("ops", {"bob"}); }},
      {"a group is left", [](auto& world) { must(world.groups.leave(world.group("ops", {"bob"}), world.bob)); }},
      {"a group with a member goes",
       [](auto& world) {
         world.group("ops", {"bob"});
         must(world.groups.remove(must(world.groups.get("ops"))));
       }},
      {"a container is shared with a group",
       [](auto& world) { must(world.shares.add_group(world.web, world.group("ops"), {})); }},
      {"a backend serves a group only",
       [](auto& world) {
         world.group("ops");
         must(world.groups.set_backend(world.be1, {"ops"}));
       }},
      {"a backend is drained", [](auto& world) { must(world.backends.set_state(world.be1, BackendState::draining)); }},
  };
  for (const auto& event : events) {
    CAPTURE(event.what);
    CHECK(makes_it_grow(event));
  }
}

TEST_CASE("what happens all the time does not make the generation grow") {
  const Event events[] = {
      {"a key is used", [](auto& world) { must(world.keys.mark_used(world.key_id(), 1)); }},
      {"a user is added", [](auto& world) { world.user("carol"); }},
      {"a key is added", [](auto& world) { world.key("bob", "B"); }},
      {"a host key is learned",
       [](auto& world) { must(world.host_keys.learn(HostKeyOwner::of_backend(world.be1), test::blob("K"), 1)); }},
      {"a session begins and ends",
       [](auto& world) {
         must(world.sessions.open(
             {.id = "l1", .user = "alice", .from_host = "", .key_fingerprint = "", .container = "", .route = ""}));
         must(world.sessions.close({.id = "l1", .at = 1, .reason = "ok"}));
       }},
  };
  for (const auto& event : events) {
    CAPTURE(event.what);
    CHECK_FALSE(makes_it_grow(event));
  }
}

TEST_CASE("who polls is told the generation only when somebody else has written") {
  Furnished world;
  auto database = must(Database::open(world.file, Database::Access::read));
  Permissions polled(database);
  const auto first = must(polled.generation_if_written());
  REQUIRE(first);
  CHECK_FALSE(must(polled.generation_if_written()));
  must(world.keys.mark_used(world.key_id(), 1));
  CHECK(must(polled.generation_if_written()) == first);
  CHECK_FALSE(must(polled.generation_if_written()));
  must(world.users.disable(world.alice, 1));
  CHECK(must(polled.generation_if_written()) == *first + 1);
}

}  // namespace bastion::store
