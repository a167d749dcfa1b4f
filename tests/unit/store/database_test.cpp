#include "store/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "store/users.h"
#include "tests/support/failing_disk.h"
#include "tests/support/small_world.h"

namespace bastion::store {

using test::must;
using test::refused;
using test::SmallWorld;

TEST_CASE("who has had a database open goes on with it when a newer program has changed it, and nobody else does") {
  const test::TemporaryFolder folder;
  const auto file = folder / "bastion.db";
  auto first = must(Database::open(file, Database::Access::create));
  must(first.run("ALTER TABLE users ADD COLUMN of_a_later_release TEXT; PRAGMA user_version = 999"));
  CHECK(must(must(Database::open(file, Database::Access::go_on)).version()) == 999);
  for (const auto access : {Database::Access::change, Database::Access::read, Database::Access::create}) {
    CHECK(refused(Database::open(file, access)).contains("a newer bastion has written this database"));
  }
}

TEST_CASE("nobody but its owner can read a new database, nor its side files") {
  SmallWorld world;
  world.user("alice");
  for (const auto* name : {"bastion.db", "bastion.db-wal", "bastion.db-shm"}) {
    CAPTURE(name);
    struct stat status{};
    REQUIRE(::stat((world.folder / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("there is no database: the error says how to make one") {
  const test::TemporaryFolder folder;
  const auto opened = Database::open(folder / "bastion.db", Database::Access::change);
  CHECK(refused(opened).ends_with("make one with `bastion init`"));
}

TEST_CASE("a file that is no database is refused") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("bastion.db", "this is a letter to a friend, and quite a long one at that\n");
  CHECK(refused(Database::open(file, Database::Access::create)).find("not a database") != std::string::npos);
}

TEST_CASE("what is in the place of a database and is none is named, and stays as it is") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("bastion.db", "");
  for (const auto access : {Database::Access::read, Database::Access::change}) {
    CHECK(refused(Database::open(file, access)) ==
          file.string() + ": this file is empty: put a backup there, or make a new database with `bastion init`");
    CHECK(refused(Database::open(file.parent_path(), access)) ==
          file.parent_path().string() + ": this is a folder, not a database");
    CHECK(refused(Database::open(file / "below", access)) == (file / "below").string() + ": Not a directory");
  }
  CHECK(std::filesystem::file_size(file) == 0);
  must(Database::open(file, Database::Access::create));  // what init does
  must(Database::open(file, Database::Access::change));
  must(must(Database::connect(folder.write("other.db", ""))).run("CREATE TABLE recipes (name TEXT)"));
  for (const auto access : {Database::Access::create, Database::Access::change, Database::Access::read}) {
    CHECK(refused(Database::open(folder / "other.db", access)).ends_with("no bastion has made this database"));
  }
}

TEST_CASE("a command is on the disk before it is answered") {
  test::FailingDisk disk;
  SmallWorld world;
  world.user("alice");
  for (int i = 0; i < 11; ++i) {
    const auto before = disk.syncs();
    must(world.database.change([&] { return world.users.add("user" + std::to_string(i), Role::user, 0); }));
    CHECK(disk.syncs() > before);
  }
}

TEST_CASE("a full disk refuses a change, and nothing of it is there") {
  test::FailingDisk disk;
  SmallWorld world;
  disk.be_full(true);
  const auto outcome = world.database.change([&] { return world.users.add("alice", Role::user, 0); });
  CHECK(refused(outcome) == "the database failed: database or disk is full");
  disk.be_full(false);
  CHECK_FALSE(must(world.users.find("alice")));
  must(world.database.change([&] { return world.users.add("alice", Role::user, 0); }));
}

TEST_CASE("a change happens as a whole or not at all") {
  SmallWorld world;
  const auto outcome = world.database.change([&]() -> Result<> {
    must(world.users.add("alice", Role::user, 0));
    return fail("second thoughts");
  });
  CHECK(refused(outcome) == "second thoughts");
  CHECK_FALSE(must(world.users.find("alice")));
  must(world.database.change([&] { return world.users.add("alice", Role::user, 0); }));
  CHECK(must(world.users.find("alice")));
}

TEST_CASE("what is viewed is as it was at one moment") {
  SmallWorld world;
  auto other = must(Database::open(world.file, Database::Access::change));
  const auto bob_is_there = [&]() -> Result<bool> { return must(world.users.find("bob")).has_value(); };
  must(world.database.view([&]() -> Result<> {
    CHECK_FALSE(must(bob_is_there()));
    must(Users(other).add("bob", Role::user, 0));
    CHECK_FALSE(must(bob_is_there()));
    return {};
  }));
  CHECK(must(world.database.view(bob_is_there)));
}

TEST_CASE("a reader cannot change anything, and sees at once what others change") {
  SmallWorld world;
  auto reader = must(Database::open(world.file, Database::Access::read));
  Users users(reader);
  CHECK_FALSE(must(users.find("alice")));
  world.user("alice");
  CHECK(must(users.find("alice")));
  CHECK_FALSE(users.add("bob", Role::user, 0));
}

}  // namespace bastion::store
