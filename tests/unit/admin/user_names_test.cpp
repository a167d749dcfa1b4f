// Accounts that are called as directories call them, through the commands.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/access/lookup.h"
#include "bastion/admin/commands/completion.h"
#include "store/reader.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

TEST_CASE("names of directories: accounts, containers, groups, documents and rules of CAs") {
  AdminWorld world;
  for (const auto* name : {"alice@corp.example", "CORP\\bob", "Ольга"}) {
    CHECK(world.done(std::string("user add ") + name + " --key KEY") == std::string("user ") + name + " added\n");
  }
  world.done("backend add be1 10.1.1.11 --login hop");
  world.done("container add web --owner CORP\\bob --backend be1 --address 10.0.3.1 --login bob");
  world.done("container share CORP\\bob/web alice@corp.example");
  world.done("group add ops");
  world.done("group join ops Ольга");
  CHECK(world.done("route alice@corp.example+CORP\\bob/web").contains("10.0.3.1"));
  CHECK(world.done("container list --after CORP\\bob/a").contains("web"));
  world.done("ca add corp KEY --principals ops-*=alice@corp.example");
  world.file_text = world.json("export --json").dump();
  CHECK(world.json("apply FILE --json")["changes"].empty());
  CHECK(world.refused("user add corp\\BOB") == "user corp\\BOB exists already, as CORP\\bob\n");
  CHECK(world.refused("user add ольга") == "user ольга exists already, as Ольга\n");
}

TEST_CASE("names of directories: without case, where the configuration says so, and nowhere else") {
  AdminWorld world;
  world.done("user add CORP\\Alice --key KEY");
  const auto is_known = [&](const char* name, bool fold) {
    store::Reader reader(must(store::Database::open(world.file, store::Database::Access::read)));
    access::Defaults defaults;
    defaults.fold_names = fold;
    return access::Lookup(reader, defaults).knows(name);
  };
  CHECK(is_known("CORP\\Alice", false));
  CHECK_FALSE(is_known("corp\\alice", false));
  CHECK(is_known("corp\\alice", true));
  CHECK(is_known("CORP\\ALICE", true));
  CHECK_FALSE(is_known("corp\\alicia", true));
}

TEST_CASE("names of directories: Tab writes a backslash as it has to be typed") {
  const Names names{.users = {"CORP\\alice"}, .backends = {}, .containers = {}, .fingerprints = {}, .sessions = {}};
  CHECK(complete("user show C", names, store::Role::admin).insert == "ORP\\\\alice ");
  CHECK(complete("user show CORP\\\\a", names, store::Role::admin).insert == "lice ");
}

}  // namespace bastion::admin
