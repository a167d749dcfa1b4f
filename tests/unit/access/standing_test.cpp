#include "bastion/access/standing.h"

#include <doctest/doctest.h>

#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;
using test::SmallWorld;

// Alice is logged in with the first of her two keys.
struct World : SmallWorld {
  Identity alice;

  World() {
    user("alice");
    user("bob");
    backend("be1");
    key("alice", "A", kNow + 10);
    key("alice", "B");
    alice.user = id_of("alice");
    alice.key = must(keys.of_user(alice.user)).front().id;
    alice.name = "alice";
  }

  // The code of what has become of her; empty while she may stay.
  std::string_view standing(std::int64_t now = kNow) {
    const auto found = find_standing(users, keys, alice, now);
    return found ? "" : code_of(found.error().reason);
  }
  // The sentence, as to a container.
  std::string access(std::int64_t container, const char* shown, std::int64_t now = kNow) {
    const auto found = find_access(containers, alice, container, shown, now);
    return found ? "" : sentence_of(found.error());
  }
};

}  // namespace

TEST_CASE("standing: whoever would be let in stays, and learns what is allowed now") {
  World world;
  auto user = must(world.users.get("alice"));
  user.max_session = 60;
  must(world.users.update(user));
  const auto found = find_standing(world.users, world.keys, world.alice, SmallWorld::kNow);
  REQUIRE(found);
  CHECK(found->max_session == 60);
  CHECK(found->key_expires_at == SmallWorld::kNow + 10);
}

TEST_CASE("standing: whoever would not be let in is told what has happened") {
  World world;
  CHECK(world.standing() == "");
  CHECK(world.standing(SmallWorld::kNow + 10) == "key_expired");

  must(world.users.disable(world.alice.user, SmallWorld::kNow));
  CHECK(world.standing() == "user_disabled");
  must(world.users.enable(world.alice.user));
  CHECK(world.standing() == "");

  CHECK(must(world.keys.remove(world.alice.user, "SHA256:A")));
  CHECK(world.standing() == "key_removed");

  must(world.users.remove(world.alice.user));
  CHECK(world.standing() == "user_removed");
}

TEST_CASE("standing: a new user of the same name is somebody else") {
  World world;
  must(world.users.remove(world.alice.user));
  world.user("alice");
  world.key("alice", "A");
  CHECK(world.standing() == "user_removed");
}

TEST_CASE("standing: one's own container is lost when it is removed") {
  World world;
  const auto web = world.container("alice", "web", "be1", "10.0.3.100");
  CHECK(world.access(web, "web") == "");
  must(world.containers.remove(web));
  CHECK(world.access(web, "web") == "container web was removed");
}

TEST_CASE("standing: another one's container is open as long as it is shared") {
  World world;
  const auto web = world.container("bob", "web", "be1", "10.0.3.100");
  must(world.shares.add(web, world.alice.user, SmallWorld::kNow + 10));
  CHECK(find_access(world.containers, world.alice, web, "bob/web", SmallWorld::kNow) == SmallWorld::kNow + 10);
  CHECK(world.access(web, "bob/web", SmallWorld::kNow + 10) == "container bob/web is not shared with you any more");
  CHECK(must(world.shares.remove(web, world.alice.user)));
  CHECK(world.access(web, "bob/web") == "container bob/web is not shared with you any more");
  must(world.containers.remove(web));
  CHECK(world.access(web, "bob/web") == "container bob/web was removed");
}

}  // namespace bastion::access
