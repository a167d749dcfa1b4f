#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/migrations.h"
#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {
namespace {

// What the next release might bring: a column, and what becomes of rows. It may run again at any time.
std::vector<Migration> next_release() {
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  steps.push_back({.version = steps.back().version + 1,
                   .name = "team_of_a_user",
                   .sql = "ALTER TABLE users ADD COLUMN team TEXT NOT NULL DEFAULT 'none'",
                   .rows = "UPDATE users SET team = 'staff' WHERE team = 'none' AND role = 'admin'"});
  return steps;
}

std::string team_of(Copy& copy, std::string_view user) {
  return must(Statement(copy.database, "SELECT team FROM users WHERE name = ?")
                  .first([](const Row& row) { return row.text(0); }, {user}))
      .value_or("nobody");
}

}  // namespace

TEST_CASE("fleet schema: what an older program writes is applied by a newer one, and not the other way round") {
  FleetWorld world;
  const auto older = world.copy("older");
  const auto newer = world.copy("newer");
  must(older->add_user("alice"));
  must(newer->replica.catch_up(newer->database));
  must(migrate(newer->database, next_release()));
  must(older->database.change([&] {
    auto alice = must(older->users.get("alice"));
    alice.role = Role::admin;
    return older->users.update(alice);
  }));
  must(older->add_user("bob"));
  must(newer->replica.catch_up(newer->database));
  CHECK(newer->has_user("bob"));
  CHECK(team_of(*newer, "bob") == "none");
  must(newer->add_user("carol"));
  CHECK(refused(older->add_user("dora")).ends_with("upgrade this bastion"));
  CHECK(older->replica.standing() == Standing::outdated);
  CHECK(older->has_user("bob"));
  must(migrate(older->database, next_release()));
  must(older->add_user("dora"));
  CHECK(older->has_user("carol"));
  must(newer->replica.catch_up(newer->database));
  CHECK(dump(older->database) == dump(newer->database));
}

TEST_CASE("fleet schema: rows are changed once, at one place of the log, whoever is upgraded first") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->database.change([&] { return one->users.add("alice", Role::admin, 1); }));
  must(one->database.change([&] { return one->users.add("bob", Role::user, 1); }));
  must(two->replica.catch_up(two->database));
  const auto steps = next_release();
  must(migrate(two->database, steps));
  CHECK(team_of(*two, "alice") == "none");  // a copy changes no rows by itself
  must(two->replica.bring_rows_up_to_date(two->database, steps));
  CHECK(team_of(*two, "alice") == "staff");
  CHECK(must(Replica::position_of(two->database)).number == 3);
  CHECK(refused(one->replica.catch_up(one->database)).ends_with("upgrade this bastion"));
  must(migrate(one->database, steps));
  must(one->replica.bring_rows_up_to_date(one->database, steps));
  CHECK(must(Replica::position_of(one->database)).number == 3);  // there was nothing left to do
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet schema: a bastion that is alone changes its rows with the migration") {
  const FleetWorld world;
  const auto one = std::make_unique<Copy>(world.folder / "alone.db", world.postgres.conninfo(), "one");
  must(one->database.change_here([&] { return one->users.add("alice", Role::admin, 1); }));
  must(migrate(one->database, next_release()));
  CHECK(team_of(*one, "alice") == "staff");
}

TEST_CASE("fleet schema: a snapshot of an older program is taken by a newer one, and not the other way round") {
  FleetWorld world;
  const auto older = world.copy("older");
  const auto late = world.copy("late");
  must(late->add_user("first"));
  for (const auto* const name : {"a", "b"}) {
    must(older->add_user(name));
    FleetWorld::cut(*older);
  }
  const auto newer = world.copy("newer");
  must(migrate(newer->database, next_release()));
  must(newer->replica.catch_up(newer->database));
  CHECK(team_of(*newer, "a") == "none");
  for (const auto* const name : {"c", "d"}) {
    must(newer->add_user(name));
    FleetWorld::cut(*newer);
  }
  CHECK(refused(late->replica.catch_up(late->database)).ends_with("upgrade this bastion"));
  CHECK(late->replica.standing() == Standing::outdated);
  CHECK(late->has_user("first"));
  CHECK_FALSE(late->has_user("a"));
  must(migrate(late->database, next_release()));
  must(late->replica.catch_up(late->database));
  CHECK(dump(late->database) == dump(newer->database));
}

TEST_CASE("fleet schema: what was there before a column was added can be changed and removed everywhere") {
  FleetWorld world;
  const auto file = world.folder / "old.db";
  {
    auto old = must(Database::open(file, Database::Access::create));
    Users users(old);
    must(users.add("alice", Role::user, 1));
    must(users.add("bob", Role::user, 1));
    must(migrate(old, next_release()));
  }
  Copy one(file, std::make_unique<Replica>(ChangeLog(world.postgres.conninfo()), "one"), Database::Access::go_on);
  must(one.replica.found(one.database));
  const auto two = world.copy("two");
  must(migrate(two->database, next_release()));
  must(two->replica.catch_up(two->database));
  must(one.database.change([&] { return one.users.remove(must(one.users.get("alice")).id); }));
  must(one.database.change([&] { return one.users.disable(must(one.users.get("bob")).id, 7); }));
  must(two->replica.catch_up(two->database));
  CHECK(dump(one.database) == dump(two->database));
}

}  // namespace bastion::store::fleet
