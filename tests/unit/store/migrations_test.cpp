#include "store/migrations.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "store/bans.h"
#include "store/database.h"
#include "store/statement.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;
using test::refused;
using Lines = std::vector<std::string>;

// A database file as an older program would have left it, and what this program makes of it.
struct Archive {
  test::TemporaryFolder folder;
  Database database = must(Database::connect(folder.write("bastion.db", "")));

  void bring_to(std::span<const Migration> steps) { must(migrate(database, steps)); }
  Lines schema() {
    Statement read(database, "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
    return must(read.all([](const Row& row) { return row.text(0); }, {}));
  }
  int version() { return must(database.version()); }
};

constexpr std::array<Migration, 2> kGoodThenBad{{
    {1, "good", "CREATE TABLE good (x INTEGER)"},
    {2, "bad", "CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1)"},
}};

}  // namespace

TEST_CASE("a database of every past version becomes what a new one is") {
  Archive fresh;
  fresh.bring_to(migrations());
  for (std::size_t past = 0; past <= migrations().size(); ++past) {
    CAPTURE(past);
    Archive old;
    old.bring_to(migrations().first(past));
    old.bring_to(migrations());
    CHECK(old.schema() == fresh.schema());
    CHECK(old.version() == migrations().back().version);
    must(old.database.check_integrity());
  }
}

TEST_CASE("what was in the database before two accounts could be in one machine is there afterwards") {
  Archive archive;
  archive.bring_to(migrations().first(3));
  must(archive.database.run(
      "PRAGMA foreign_keys = ON;"
      "INSERT INTO users (name, role, created_at) VALUES ('alice', 'user', 1), ('bob', 'user', 1);"
      "INSERT INTO backends (name, host, port, login, route, state, created_at)"
      " VALUES ('be1', '10.1.1.1', 22, 'hop', 'hop', 'active', 1);"
      "INSERT INTO containers (name, owner, backend, address, port, login, is_default, created_at) VALUES"
      " ('web', 1, 1, '10.0.3.1', 22, 'alice', 1, 1), ('db', 2, 1, '10.0.3.2', 22, 'root', 0, 1),"
      " ('gone', 2, 1, '10.0.3.3', 22, 'root', 0, 1);"
      "INSERT INTO shares (container, user, expires_at) VALUES (1, 2, 99);"
      "INSERT INTO host_keys (backend, container, blob, origin, first_seen_at)"
      " VALUES (1, NULL, x'01', 'pinned', 7), (NULL, 2, x'02', 'learned', 8);"
      "DELETE FROM containers WHERE id = 3;"));
  archive.bring_to(migrations());
  const auto lines = [&](const char* sql) {
    return must(Statement(archive.database, sql).all([](const Row& row) { return row.text(0); }, {}));
  };
  CHECK(lines("SELECT id || ' ' || name || ' ' || login FROM containers ORDER BY id") ==
        Lines{"1 web alice", "2 db root"});
  CHECK(lines("SELECT container || ' ' || user || ' ' || expires_at FROM shares") == Lines{"1 2 99"});
  CHECK(lines("SELECT backend || ifnull(' ' || address || ' ' || port, '') || ' ' || hex(blob) || ' ' || origin || ' '"
              " || first_seen_at FROM host_keys"
              " ORDER BY id") == Lines{"1 01 pinned 7", "1 10.0.3.2 22 02 learned 8"});
  CHECK(lines("SELECT * FROM pragma_foreign_key_check").empty());
  // An id must never come to mean something else.
  must(
      archive.database.run("INSERT INTO containers (name, owner, backend, address, port, login, is_default, created_at)"
                           " VALUES ('new', 2, 1, '10.0.3.1', 22, 'bob', 0, 1)"));
  CHECK(lines("SELECT id FROM containers WHERE name = 'new'") == Lines{"4"});
  must(archive.database.run("DELETE FROM containers WHERE id = 1"));
  CHECK(lines("SELECT container FROM shares").empty());
}

TEST_CASE("penalties have a table of their own, and bans of administrators stay where they are") {
  Archive archive;
  archive.bring_to(migrations().first(16));
  must(
      archive.database.run("INSERT INTO bans (network, origin, cause, actor, since, expires_at) VALUES"
                           " ('192.0.2.7', 'admin', '', 'root', 1, NULL),"
                           " ('192.0.2.7', 'penalty', 'authfail', '', 2, 30)"));
  archive.bring_to(migrations());
  const auto bans = must(Bans(archive.database).all(0));
  REQUIRE(bans.size() == 2);
  CHECK(bans[0].actor == "root");
  CHECK(bans[1].origin == Ban::Origin::penalty);
  CHECK(bans[1].cause == "authfail");
  CHECK(bans[1].expires_at == 30);
  CHECK(must(Statement(archive.database, "SELECT count(*) FROM bans")
                 .first([](const Row& row) { return row.number(0); }, {})) == 1);
}

TEST_CASE("a migration that fails leaves the database as the one before it left it") {
  Archive archive;
  const auto text = refused(migrate(archive.database, kGoodThenBad));
  CHECK(text.starts_with("migration 0002_bad did not run: "));
  CHECK(archive.schema() == Lines{"table good: CREATE TABLE good (x INTEGER)"});
  CHECK(archive.version() == 1);
}

TEST_CASE("a database that a newer program has written is refused and not touched") {
  Archive archive;
  must(archive.database.run("PRAGMA user_version = 999"));
  CHECK(refused(migrate(archive.database, migrations())).starts_with("a newer bastion has written this database"));
  CHECK(refused(must_be_current(archive.database, migrations())).starts_with("a newer bastion has written this"));
  CHECK(archive.schema().empty());
}

TEST_CASE("a reader does not migrate") {
  Archive archive;
  must(archive.database.run("PRAGMA user_version = 1"));
  const auto opened = Database::open(archive.folder / "bastion.db", Database::Access::read);
  CHECK(refused(opened).find("`bastion init` brings it up to date") != std::string::npos);
}

}  // namespace bastion::store
