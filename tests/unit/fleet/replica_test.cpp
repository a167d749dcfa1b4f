#include "store/fleet/replica.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "store/fleet/connection.h"
#include "store/fleet/follower.h"
#include "store/statement.h"
#include "tests/support/failing_disk.h"
#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {

TEST_CASE("fleet: every table is what all have in common, or of one bastion") {
  const std::set<std::string> local{"accepted_identities",
                                    "audit",
                                    "audit_chain",
                                    "fleet_position",
                                    "key_uses",
                                    "links",
                                    "listings",
                                    "password_tries",
                                    "penalties",
                                    "permissions",
                                    "record_origin",
                                    "sessions",
                                    "sightings",
                                    "sqlite_sequence",
                                    "totp_uses"};
  std::set<std::string> shared;
  for (const auto* table : Replica::shared_tables()) shared.insert(table);
  test::SmallWorld world;
  const auto tables = must(Statement(world.database, "SELECT name FROM sqlite_schema WHERE type = 'table'")
                               .all([](const Row& row) { return row.text(0); }, {}));
  for (const auto& table : tables) {
    CAPTURE(table);
    CHECK(shared.contains(table) != local.contains(table));
  }
  CHECK(tables.size() == shared.size() + local.size());
}

TEST_CASE("fleet: what one bastion changes the others have") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->add_user("alice"));
  CHECK_FALSE(two->has_user("alice"));
  must(two->add_user("bob"));
  CHECK(two->has_user("alice"));
  must(one->replica.catch_up(one->database));
  CHECK(dump(one->database) == dump(two->database));
  CHECK(must(Replica::position_of(one->database)).number == 2);
}

TEST_CASE("fleet: who is second finds what the first one has left") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  int runs = 0;
  const auto added = two->database.change([&] {
    if (++runs == 1) must(one->add_user("alice"));
    return two->users.add("alice", Role::user, 1);
  });
  CHECK(runs == 2);
  CHECK(refused(added).contains("alice"));
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet: a removal takes with it what the same removal takes elsewhere") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  const auto alice = must(one->add_user("alice"));
  must(one->database.change([&] {
    return one->keys.add(alice, {.blob = test::blob("A"), .fingerprint = "SHA256:A", .comment = {}, .added_at = 1});
  }));
  must(two->replica.catch_up(two->database));
  const auto key = must(two->keys.of_user(alice)).front().id;
  must(two->database.change_here([&] { return two->keys.mark_used(key, 7); }));
  CHECK(must(two->keys.of_user(alice)).front().last_used_at == 7);
  CHECK_FALSE(must(one->keys.of_user(alice)).front().last_used_at);
  must(one->database.change([&] { return one->users.remove(alice); }));
  must(two->replica.catch_up(two->database));
  CHECK(must(Statement(two->database, "SELECT count(*) FROM key_uses")
                 .first([](const Row& row) { return row.number(0); }, {})) == 0);
  must(two->database.check_integrity());
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet: what is only of one bastion goes through no log") {
  FleetWorld world;
  const auto one = world.copy("one");
  world.postgres.stop();
  Audit audit(one->database);
  const AuditEntry row{.at = 1, .actor = "a", .action = "b", .subject = "c", .outcome = "d"};
  must(one->database.change([&] { return audit.add(row); }));
  CHECK(refused(one->add_user("alice")).starts_with("the fleet's database cannot be reached: "));
  world.postgres.start();
  must(one->add_user("alice"));
}

TEST_CASE("fleet: what is in the log and cannot be written here is said to be made, and comes from the log") {
  test::FailingDisk disk;
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  const auto added = one->database.change([&] {
    disk.be_full(true);
    return one->users.add("bob", Role::user, 1);
  });
  CHECK(refused(added).starts_with(
      "the change is made, and this bastion takes it from the fleet's log as soon as it can write: "));
  CHECK_FALSE(one->has_user("bob"));
  CHECK(one->has_user("alice"));
  CHECK(refused(one->add_user("carol")).contains("disk is full"));
  CHECK(one->replica.standing() == Standing::behind);
  disk.be_full(false);
  must(one->add_user("carol"));
  CHECK(one->has_user("bob"));
  const auto two = world.copy("two");
  must(two->replica.catch_up(two->database));
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet: what cannot be found out is said to be unknown, and comes from the log if it was made") {
  constexpr std::chrono::milliseconds kShort{500};
  FleetWorld world;
  const auto one = world.copy("one", kShort);
  must(one->add_user("alice"));
  SUBCASE("it was made") {
    // It waits for a standby that is not there.
    REQUIRE(world.postgres.does("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    REQUIRE(world.postgres.does("SELECT pg_reload_conf()"));
    int number = 0;  // nobody says when the server has read its configuration
    auto added = one->add_user("u0");
    while (added) added = one->add_user(fmt::format("u{}", ++number));
    const auto unknown = fmt::format("u{}", number);
    CHECK(refused(added).ends_with(ChangeLog::kNotKnown));
    CHECK_FALSE(one->has_user(unknown));
    REQUIRE(world.postgres.does("ALTER SYSTEM RESET synchronous_standby_names"));
    REQUIRE(world.postgres.does("SELECT pg_reload_conf()"));
    const auto is_there = fmt::format("SELECT number FROM change_log WHERE number = {}", number + 2);
    while (world.postgres.ask(is_there).empty()) std::this_thread::yield();
    must(one->add_user("carol"));
    CHECK(one->has_user(unknown));
  }
  SUBCASE("it was not") {
    REQUIRE(
        world.postgres.does("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
                            " $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"));
    REQUIRE(world.postgres.does("CREATE TRIGGER waits BEFORE INSERT ON change_log EXECUTE FUNCTION wait()"));
    CHECK(refused(one->add_user("bob")).ends_with(ChangeLog::kNotKnown));
    world.postgres.kill();
    world.postgres.start();
    REQUIRE(world.postgres.does("DROP TRIGGER waits ON change_log"));
    must(one->add_user("carol"));
    CHECK_FALSE(one->has_user("bob"));
  }
  CHECK(must(one->users.all()).size() == must(Replica::position_of(one->database)).number);
}

TEST_CASE("fleet: behind a gap nothing is appended") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  int runs = 0;
  const auto added = one->database.change([&] {
    if (++runs == 1) REQUIRE(world.postgres.does("DELETE FROM change_log"));
    return one->users.add("bob", Role::user, 1);
  });
  CHECK(refused(added) == "the fleet's log has no entry 1, which this bastion has");
  CHECK(world.postgres.ask("SELECT number FROM change_log").empty());
}

TEST_CASE("fleet: a log that is another one is not followed") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  must(one->add_user("bob"));
  SUBCASE("it has begun anew") {
    REQUIRE(world.postgres.ask("UPDATE change_log SET id = 'x' WHERE number = 2 RETURNING number").starts_with("2"));
    CHECK(refused(one->add_user("carol")) == "the fleet's log is another one than this bastion has followed");
  }
  SUBCASE("it has lost its end") {
    REQUIRE(world.postgres.ask("DELETE FROM change_log WHERE number = 2 RETURNING number").starts_with("2"));
    CHECK(refused(one->add_user("carol")) == "the fleet's log has no entry 2, which this bastion has");
  }
  SUBCASE("it has lost what this bastion needs") {
    REQUIRE(world.postgres.ask("DELETE FROM change_log WHERE number = 1 RETURNING number").starts_with("1"));
    const auto two = world.copy("two");
    CHECK(refused(two->add_user("carol")) == "the fleet's log no longer has entry 1");
  }
  CHECK_FALSE(one->has_user("carol"));
}

TEST_CASE("fleet: a bastion that has a directory begins the log with it, and nobody after it") {
  FleetWorld world;
  test::SmallWorld alone;
  alone.user("alice");
  alone.key("alice", "A");
  alone.backend("be1");
  alone.default_container("alice", "web", "be1", "10.0.3.5");
  Copy one(alone.file, world.postgres.conninfo(), "one");
  must(one.replica.found(one.database));
  CHECK(refused(one.replica.found(one.database)) == "this bastion follows a fleet's log already");
  const auto two = world.copy("two");
  CHECK(refused(two->replica.found(two->database)) == "there is nothing in this bastion's directory to begin with");
  must(two->replica.catch_up(two->database));
  CHECK(dump(one.database) == dump(two->database));
  must(two->database.check_integrity());
  test::SmallWorld other;
  other.user("bob");
  Copy three(other.file, world.postgres.conninfo(), "three");
  CHECK(refused(three.replica.found(three.database)) == "another bastion has begun the fleet's log");
  CHECK(three.has_user("bob"));
  must(one.add_user("carol"));
}

TEST_CASE("fleet: what a newer program has written is not applied, and what came before it is") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->add_user("alice"));
  must(one->add_user("carol"));
  REQUIRE(world.postgres.does("UPDATE change_log SET schema = 999 WHERE number = 2"));
  CHECK(refused(two->add_user("bob")).starts_with("one has changed the directory with a newer program (version 999;"));
  CHECK(two->replica.standing() == Standing::outdated);
  CHECK(two->has_user("alice"));
  CHECK_FALSE(two->has_user("bob"));
}

TEST_CASE("fleet: who follows has each change without asking for one, also after the log was away") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  const auto file = world.folder / "two.db";
  std::atomic<int> applied = 0;
  Follower follower(must(Database::open(file, Database::Access::create)), ChangeLog(world.postgres.conninfo()), "two",
                    [&] { ++applied; });
  must(follower.start());
  const auto comes_to = [&](std::int64_t number) {
    while (follower.state().number < number || !follower.state().is_current) std::this_thread::yield();
    return follower.state().number == number;
  };
  CHECK(comes_to(1));
  must(one->add_user("bob"));
  CHECK(comes_to(2));
  world.postgres.kill();
  world.postgres.start();
  must(one->add_user("carol"));
  CHECK(comes_to(3));
  auto read = must(Database::open(file, Database::Access::read));
  CHECK(dump(read) == dump(one->database));
  CHECK(applied >= 2);
}

TEST_CASE("fleet: who follows cuts the log, and stands still before what a newer program has written") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  const auto file = world.folder / "two.db";
  Follower follower(
      must(Database::open(file, Database::Access::create)), ChangeLog(world.postgres.conninfo()), "two", [] {},
      {.entries = 2, .bytes = 1'000'000}, std::chrono::milliseconds::zero());
  must(follower.start());
  must(one->add_user("bob"));
  while (world.postgres.ask("SELECT number FROM snapshots WHERE number >= 2").empty()) std::this_thread::yield();
  CHECK(follower.state().standing == Standing::current);
  REQUIRE(
      world.postgres.does("INSERT INTO change_log (number, id, node, schema, changeset)"
                          " VALUES (3, 'x', 'one', 999, 'x'); NOTIFY change_log"));
  while (follower.state().standing != Standing::outdated) std::this_thread::yield();
  CHECK(follower.state().number == 2);
  CHECK_FALSE(follower.state().is_current);
  auto read = must(Database::open(file, Database::Access::read));
  CHECK(must(Users(read).find("bob")).has_value());
}

TEST_CASE("fleet: who follows has what is changed while a snapshot is made") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  // Nobody can put a part anywhere until the end of this.
  Connection holder(world.postgres.conninfo());
  holder.begin(ChangeLog::kPatience);
  must(holder.do_or_fail("BEGIN", {}));
  must(holder.do_or_fail("LOCK TABLE snapshot_parts", {}));
  Follower follower(
      must(Database::open(world.folder / "two.db", Database::Access::create)),
      ChangeLog(world.postgres.conninfo(), std::chrono::minutes(5)), "two", [] {}, {.entries = 1, .bytes = 1},
      std::chrono::milliseconds::zero());
  must(follower.start());
  while (world.postgres.ask("SELECT pid FROM pg_locks WHERE NOT granted").empty()) std::this_thread::yield();
  must(one->add_user("bob"));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (follower.state().number < 2 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK(follower.state().number == 2);
}

TEST_CASE("fleet: what it takes to remove a key does not grow with the keys that were used") {
  const auto steps_of = [](int used) {
    FleetWorld world;
    const auto one = world.copy("one");
    const auto alice = must(one->add_user("alice"));
    must(one->database.change([&] {
      return one->keys.add(alice, {.blob = test::blob("A"), .fingerprint = "SHA256:A", .comment = {}, .added_at = 1});
    }));
    const auto two = world.copy("two");
    must(two->replica.catch_up(two->database));
    const auto key = must(two->keys.of_user(alice)).front().id;
    must(two->database.change_here([&]() -> Result<> {
      Statement use(two->database, "INSERT INTO key_uses (key, at) VALUES (?, 7)");
      for (int other = 0; other < used; ++other) must(use.run({1000 + other}));
      return two->keys.mark_used(key, 7);
    }));
    must(one->database.change([&] { return one->keys.remove(alice, "SHA256:A"); }));
    std::int64_t steps = 0;
    auto* const handle = two->database.native().getHandle();
    const auto count = [](void* steps_so_far) { return ++*static_cast<std::int64_t*>(steps_so_far), 0; };
    sqlite3_progress_handler(handle, 1, count, &steps);
    must(two->replica.catch_up(two->database));
    sqlite3_progress_handler(handle, 0, nullptr, nullptr);
    const auto left = must(Statement(two->database, "SELECT count(*) FROM key_uses")
                               .first([](const Row& row) { return row.number(0); }, {}));
    CHECK(left == used);
    return steps;
  };
  CHECK(steps_of(3) == steps_of(300));
}

}  // namespace bastion::store::fleet
