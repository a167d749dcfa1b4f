#include "store/fleet/only_gives.h"

#include <doctest/doctest.h>

#include <functional>
#include <optional>

#include "store/bans.h"
#include "store/statement.h"
#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {
namespace {

// Alice, and what is there for her.
struct GivingWorld : FleetWorld {
  GivingWorld() { must(one->add_user("alice")); }

  // The number of the change, where others have to have it.
  std::optional<std::int64_t> after(const std::function<Result<>()>& body) {
    must(one->database.change(body));
    return one->database.taken_away_at();
  }
  std::optional<std::int64_t> after(const char* sql) {
    return after([&] { return one->database.run(sql); });
  }
  // Whether that number is the change's own.
  bool is_waited_for(const auto& body) {
    const auto number = after(body);
    return number == must(Replica::position_of(one->database)).number;
  }

  std::unique_ptr<Copy> one = copy("one");
};

constexpr auto* kAddKey =
    "INSERT INTO user_keys (user, blob, fingerprint, comment, added_at) SELECT id, x'00', 'SHA256:A', '', 1 FROM users";

}  // namespace

TEST_CASE("fleet: a change that only gives need not be anywhere else, and any other one has a number to wait for") {
  GivingWorld world;
  CHECK_FALSE(world.one->database.taken_away_at());
  CHECK_FALSE(world.after(kAddKey));
  CHECK(world.is_waited_for("UPDATE users SET disabled_at = 7"));
  CHECK(world.is_waited_for("DELETE FROM user_keys"));
  // Where nothing was changed, or nothing that others have, there is nothing to wait for.
  CHECK_FALSE(world.after("DELETE FROM user_keys"));
  CHECK_FALSE(world.after("UPDATE permissions SET generation = generation + 1"));
  CHECK_FALSE(world.after("INSERT INTO user_groups (name, created_at) VALUES ('ops', 1)"));
  CHECK_FALSE(
      world.after("INSERT INTO group_members (user_group, user) SELECT g.id, u.id FROM user_groups g, users u"));
  CHECK(world.is_waited_for("DELETE FROM group_members"));
  // What is added may forbid something.
  CHECK(
      world.is_waited_for([&] { return Bans(world.one->database).put({.network = "10.1.0.0/24", .actor = "root"}); }));
  CHECK(world.is_waited_for("INSERT INTO users (name, role, created_at) VALUES ('bob', 'user', 1); DELETE FROM bans"));
}

TEST_CASE("fleet: what cannot be read may take anything away") {
  CHECK(only_gives({}));
  CHECK_FALSE(only_gives({'n', 'o', 'n', 's', 'e', 'n', 's', 'e'}));
}

}  // namespace bastion::store::fleet
