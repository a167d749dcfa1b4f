#include "store/fleet/snapshots.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "store/fleet/all_rows.h"
#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {
namespace {

// Entries, the first and the last.
std::string log_of(FleetWorld& world) {
  return world.postgres.ask("SELECT count(*) || ' ' || min(number) || ' ' || max(number) FROM change_log");
}

void add_users(Copy& copy, const std::string& mark, int count) {
  for (int n = 0; n < count; ++n) must(copy.add_user(fmt::format("{}{}", mark, n)));
}

}  // namespace

TEST_CASE("fleet snapshot: the log is cut behind the one before, and a new copy begins with the newest") {
  FleetWorld world;
  const auto one = world.copy("one");
  add_users(*one, "a", 3);
  const auto gone = must(one->add_user("gone"));
  must(one->database.change([&] { return one->users.remove(gone); }));
  FleetWorld::cut(*one);
  CHECK(log_of(world) == "5 1 5\n");
  add_users(*one, "b", 2);
  FleetWorld::cut(*one);
  CHECK(log_of(world) == "3 5 7\n");
  add_users(*one, "c", 2);
  const auto two = world.copy("two");
  must(two->replica.catch_up(two->database));
  CHECK(dump(two->database) == dump(one->database));
  must(two->database.check_integrity());
  CHECK(must(two->add_user("last")) > gone);  // no id is given twice
}

TEST_CASE("fleet snapshot: a copy that has missed what was cut off takes the newest") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  const auto alice = must(two->add_user("alice"));
  must(two->database.change([&] {
    return two->keys.add(alice, {.blob = test::blob("A"), .fingerprint = "SHA256:A", .comment = {}, .added_at = 1});
  }));
  must(two->database.change_here([&] { return two->keys.mark_used(must(two->keys.of_user(alice)).front().id, 7); }));
  must(two->add_user("bob"));
  must(one->replica.catch_up(one->database));
  must(one->database.change([&] { return one->users.remove(must(one->users.get("bob")).id); }));
  FleetWorld::cut(*one);
  add_users(*one, "b", 2);
  FleetWorld::cut(*one);
  must(two->add_user("carol"));
  must(one->replica.catch_up(one->database));
  CHECK(dump(two->database) == dump(one->database));
  CHECK_FALSE(two->has_user("bob"));
  CHECK(must(two->keys.of_user(alice)).front().last_used_at == 7);  // what is only of this bastion stays
}

TEST_CASE("fleet snapshot: it takes the place of no directory but a copy's of the same log") {
  FleetWorld world;
  const auto one = world.copy("one");
  add_users(*one, "a", 2);
  FleetWorld::cut(*one);
  add_users(*one, "b", 2);
  FleetWorld::cut(*one);
  test::SmallWorld alone;
  alone.user("alice");
  Copy two(alone.file, world.postgres.conninfo(), "two");
  CHECK(refused(two.add_user("carol")) == "this bastion has a directory of its own, which is not the fleet's");
  CHECK(two.replica.standing() == Standing::differs);
  CHECK(two.has_user("alice"));
  FleetWorld other;
  const auto three = other.copy("three");
  must(three->add_user("eve"));
  Copy moved(other.folder / "three.db", world.postgres.conninfo(), "three");
  CHECK(refused(moved.add_user("carol")) == "the fleet's log is another one than this bastion has followed");
  CHECK(moved.has_user("eve"));
}

TEST_CASE("fleet snapshot: one that is not what was put there is not taken") {
  FleetWorld world;
  const auto one = world.copy("one");
  add_users(*one, "a", 2);
  FleetWorld::cut(*one);
  add_users(*one, "b", 2);
  FleetWorld::cut(*one);
  const auto spoil = [&](const std::string& sql) {
    REQUIRE_FALSE(world.postgres.ask(sql + " RETURNING part").empty());
  };
  std::string why;
  SUBCASE("damaged") {
    spoil("UPDATE snapshot_parts SET changeset = changeset || 'x'");
    why = "the fleet's snapshot of entry 4 is damaged in part 0";
  }
  SUBCASE("incomplete") {
    spoil("DELETE FROM snapshot_parts");
    why = "the fleet's snapshot of entry 4 is not whole";
  }
  SUBCASE("of a table that is no part of it") {
    spoil(
        "UPDATE snapshot_parts SET changeset = changeset_of, digest = sha256(changeset_of) FROM"
        " (SELECT decode('5401016b65795f7573657300', 'hex') || decode('1200', 'hex')"
        " || decode('010000000000000001', 'hex') AS changeset_of) AS other");
    why = "the fleet's snapshot of entry 4 does not fit this bastion's database: its table key_uses is another one";
  }
  const auto two = world.copy("two");
  CHECK(refused(two->replica.catch_up(two->database)) == why);
  CHECK(must(Replica::position_of(two->database)).number == 0);
  CHECK_FALSE(two->has_user("a0"));
}

TEST_CASE("fleet snapshot: what is due, and that only one makes it") {
  FleetWorld world;
  const auto one = world.copy("one");
  add_users(*one, "a", 3);
  ChangeLog log(world.postgres.conninfo());
  Snapshots snapshots(log);
  CHECK_FALSE(must(snapshots.is_due({.entries = 4, .bytes = 100'000})));
  CHECK(must(snapshots.is_due({.entries = 3, .bytes = 100'000})));
  CHECK(must(snapshots.is_due({.entries = 4, .bytes = 100})));
  REQUIRE(must(snapshots.begin()));
  FleetWorld::cut(*one);
  CHECK_FALSE(must(snapshots.newest()));
  snapshots.end();
  FleetWorld::cut(*one);
  CHECK(must(snapshots.newest())->number == 3);
  CHECK_FALSE(must(snapshots.is_due({.entries = 1, .bytes = 1})));
}

TEST_CASE("fleet snapshot: of a large directory it is due after more changes") {
  FleetWorld world;
  const auto one = world.copy("one");
  add_users(*one, "a", 2);
  FleetWorld::cut(*one);
  add_users(*one, "b", 8);
  ChangeLog log(world.postgres.conninfo());
  Snapshots snapshots(log);
  REQUIRE(world.postgres.does("UPDATE snapshots SET parts = 31"));
  CHECK(must(snapshots.is_due({.entries = 8, .bytes = 100'000})));
  REQUIRE(world.postgres.does("UPDATE snapshots SET parts = 32"));
  CHECK_FALSE(must(snapshots.is_due({.entries = 8, .bytes = 100'000})));
  CHECK(must(snapshots.is_due({.entries = 4, .bytes = 100'000})));
  const auto bytes = std::stoll(world.postgres.ask("SELECT sum(length(changeset)) FROM change_log WHERE number > 2"));
  CHECK(must(snapshots.is_due({.entries = 100, .bytes = bytes / 2})));
  CHECK_FALSE(must(snapshots.is_due({.entries = 100, .bytes = bytes / 2 + 1})));
}

TEST_CASE("fleet snapshot: rows in parts are what SQLite makes of the same rows") {
  test::SmallWorld world;
  for (int n = 0; n < 300; ++n) {
    const auto name = fmt::format("user{}", n);
    world.user(name);
    world.key(name, std::string(static_cast<std::size_t>(n) + 1, 'k'));
  }
  world.backend("be1");
  world.default_container("user7", "web", "be1", "10.0.3.5");
  AllRows whole(world.database, Replica::shared_tables(), 100'000'000);
  const auto all = must(whole.next());
  REQUIRE(all);
  CHECK_FALSE(must(whole.next()));
  AllRows rows(world.database, Replica::shared_tables(), 1000);
  std::size_t parts = 0;
  std::size_t bytes = 0;
  for (auto part = must(rows.next()); part; part = must(rows.next())) {
    ++parts;
    bytes += part->size();
    CHECK(part->size() < 2000);
  }
  CHECK(parts > 50);
  CHECK(bytes > all->size());  // each says again of which table it is
}

// What the figures in docs/DECISIONS.md are of: 100,000 users with three keys each.
TEST_CASE("fleet snapshot: of a large directory, measured" * doctest::skip()) {
  using Clock = std::chrono::steady_clock;
  FleetWorld world;
  const auto file = world.folder / "large.db";
  Copy one(file, world.postgres.conninfo(), "one");
  must(one.database.change_here([&]() -> Result<> {
    for (int n = 0; n < 100'000; ++n) {
      const auto user = must(one.users.add(fmt::format("user{}", n), Role::user, 1));
      for (int key = 0; key < 3; ++key) {
        const auto mark = fmt::format("{:064}-{}-{}", 0, n, key);
        must(one.keys.add(user, {.blob = test::blob(mark), .fingerprint = mark, .comment = {}, .added_at = 1}));
      }
    }
    return {};
  }));
  auto tell = [began = Clock::now()](const char* what) mutable {
    const auto now = Clock::now();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    MESSAGE(std::string(what), ": ", std::chrono::duration_cast<std::chrono::milliseconds>(now - began).count(),
            " ms, at most so far ", usage.ru_maxrss / 1024, " MiB");
    began = now;
  };
  tell("-");
  must(one.replica.found(one.database));
  tell("begun");
  must(one.add_user("more"));
  FleetWorld::cut(one);
  tell("snapshot");
  const auto two = world.copy("two");
  must(two->replica.catch_up(two->database));
  tell("taken");
  MESSAGE(
      world.postgres.ask("SELECT count(*), sum(length(changeset)), sum(pg_column_size(changeset)),"
                         " max(length(changeset)) FROM snapshot_parts WHERE snapshot = (SELECT name FROM snapshots"
                         " ORDER BY number DESC LIMIT 1)"));
  CHECK(dump(one.database) == dump(two->database));
}

}  // namespace bastion::store::fleet
