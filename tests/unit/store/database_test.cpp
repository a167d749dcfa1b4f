#include "store/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "store/users.h"
#include "tests/support/small_world.h"

namespace bastion::store {

using test::must;
using test::refused;
using test::SmallWorld;

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
