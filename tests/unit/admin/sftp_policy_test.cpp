// Which way files may go, as commands and documents say it.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "store/sftp_policies.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

namespace {

// alice's web on be1 and bob; a group ops with nobody in it.
struct SftpWorld : AdminWorld {
  SftpWorld() {
    furnished();
    done("group add ops");
  }
  std::string of(const std::string& what) { return json(what + " --json")["sftp"]; }
};

}  // namespace

TEST_CASE("sftp: everything may go where nothing is said, and each says its own") {
  SftpWorld world;
  CHECK(world.of("user show alice") == "all");
  CHECK(world.of("group show ops") == "all");
  CHECK(world.of("container show alice/web") == "all");
  CHECK(world.done("user set alice --sftp read") == "user alice changed\n");
  CHECK(world.done("group set ops --sftp write") == "group ops changed\n");
  world.done("container set alice/web --sftp none");
  CHECK(world.of("user show alice") == "read");
  CHECK(world.of("group show ops") == "write");
  CHECK(world.of("container show alice/web") == "none");
  CHECK(world.of("user show bob") == "all");
  world.done("user add nina --sftp none");
  world.done("group add dev --sftp read");
  CHECK(world.of("user show nina") == "none");
  CHECK(world.of("group show dev") == "read");
  CHECK(world.misused("user set alice --sftp both").contains("\"both\" is none of none, read, write and all"));
  CHECK(world.misused("group set ops").contains("--sftp"));
}

TEST_CASE("sftp: what binds is what is said of the user, of each of their groups and of the container") {
  SftpWorld world;
  const auto binding = [&](std::int64_t user, std::int64_t container) {
    auto found = must(store::SftpPolicies(world.database).that_bind(user, container));
    std::ranges::sort(found);
    return found;
  };
  using Policies = std::vector<std::string>;
  const auto alice = must(store::Users(world.database).get("alice")).id;
  const auto web = must(store::Containers(world.database).named("web")).front().id;
  CHECK(binding(alice, web) == Policies{"all"});
  world.done("group set ops --sftp read");
  CHECK(binding(alice, web) == Policies{"all"});
  world.done("group join ops alice");
  CHECK(binding(alice, web) == Policies{"all", "read"});
  world.done("container set alice/web --sftp write");
  CHECK(binding(alice, web) == Policies{"all", "read", "write"});
  world.done("user set alice --sftp none");
  CHECK(binding(alice, web) == Policies{"none", "read", "write"});
  CHECK(binding(alice, 0) == Policies{"none", "read"});
}

TEST_CASE("sftp: a document says it, and says it again") {
  SftpWorld world;
  world.done("user set alice --sftp read");
  world.done("group set ops --sftp write");
  world.done("container set alice/web --sftp none");
  const auto document = world.json("export --json");
  CHECK(document["users"][0]["sftp"] == "read");
  CHECK(document["groups"][0]["sftp"] == "write");
  CHECK(document["containers"][0]["sftp"] == "none");
  world.file_text = document.dump();
  CHECK(world.json("apply FILE --json")["changes"].empty());
  for (const auto* const what : {"user set alice", "group set ops", "container set alice/web"}) {
    world.done(std::string(what) + " --sftp all");
  }
  const auto changed = world.done("apply FILE");
  CHECK(changed.contains("sftp all -> read"));
  CHECK(changed.contains("sftp all -> write"));
  CHECK(changed.contains("sftp all -> none"));
  CHECK(world.of("container show alice/web") == "none");
  world.file_text = "version: 1\ngroups: [{name: new, sftp: read}]\nusers: [{name: nina, sftp: write}]\n";
  world.done("apply FILE");
  CHECK(world.of("group show new") == "read");
  CHECK(world.of("user show nina") == "write");
  CHECK(world.of("user show alice") == "read");  // of which it says nothing
  world.file_text = "version: 1\nusers: [{name: nina, sftp: some}]\n";
  CHECK(world.refused("apply FILE").contains("none of none, read, write and all"));
}

}  // namespace bastion::admin
