#include "store/migrations.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

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
  const Archive archive;
  const auto opened = Database::open(archive.folder / "bastion.db", Database::Access::read);
  CHECK(refused(opened).find("`bastion init` brings it up to date") != std::string::npos);
}

}  // namespace bastion::store
