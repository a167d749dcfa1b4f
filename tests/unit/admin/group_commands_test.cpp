// The commands about groups, and what others say of them.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

namespace {

// alice's web on be1 and bob; a group ops with nobody in it.
struct GroupCommands : AdminWorld {
  GroupCommands() {
    furnished();
    done("group add ops");
  }
};

}  // namespace

TEST_CASE("groups are made, filled, looked at and removed") {
  GroupCommands world;
  CHECK(world.refused("group add ops") == "group ops exists already\n");
  CHECK(world.misused("group add Ops").contains("cannot be a name"));
  CHECK(world.done("group join ops bob") == "user bob is in group ops\n");
  CHECK(world.done("group join ops bob") == "user bob was already in group ops\n");
  CHECK(world.refused("group join opps bob") == "there is no group opps, did you mean ops?\n");
  CHECK(world.refused("group leave ops alice") == "user alice is not in group ops\n");
  CHECK(world.done("container share alice/web --group ops") ==
        "container alice/web shared with group ops: ssh USER+alice+web@…\n");
  const auto list = world.json("group list --json");
  CHECK(list[0]["members"] == 1);
  CHECK(list[0]["containers"] == 1);
  const auto shown = world.json("group show ops --json");
  CHECK(shown["members"][0]["user"] == "bob");
  CHECK(shown["containers"][0]["container"] == "alice/web");
  CHECK(world.json("user show bob --json")["groups"] == "ops");
  CHECK(world.json("user list --json")[1]["groups"] == "ops");
  CHECK(world.json("container show alice/web --json")["shares"][0]["group"] == "ops");
  CHECK(world.refused("group remove ops").contains("alice/web is shared with group ops: --yes"));
  CHECK(world.refused("container remove alice/web").contains("group ops"));
  CHECK(world.done("container unshare alice/web --group ops") ==
        "container alice/web is no longer shared with group ops\n");
  CHECK(world.refused("container unshare alice/web --group ops") ==
        "container alice/web is not shared with group ops\n");
  CHECK(world.done("group leave ops bob") == "user bob is no longer in group ops\n");
  CHECK(world.done("group remove ops") == "group ops removed\n");
}

TEST_CASE("containers are put only where their owners are served") {
  GroupCommands world;
  world.done("backend add be7 10.1.1.17 --login hop --groups ops");
  CHECK(world.json("backend show be7 --json")["groups"] == "ops");
  const auto placed_at = [&](const char* owner, const char* address) {
    world.done(std::string("container add new --owner ") + owner + " --auto-place --address " + address);
    return world.json(std::string("container show ") + owner + "/new --json")["backend"].get<std::string>();
  };
  CHECK(world.refused("container add x --owner bob --backend be7 --address 10.0.7.1") ==
        "backend be7 serves only group ops, and bob is not in it: `group join` changes that\n");
  CHECK(world.refused("container move alice/web --backend be7 --address 10.0.7.1").contains("alice is not in it"));
  CHECK(placed_at("bob", "10.0.7.1") != "be7");
  world.done("group join ops alice");
  CHECK(placed_at("alice", "10.0.7.2") == "be7");
  CHECK(world.refused("group remove ops").contains("backend be7 serves only group ops"));
  const auto set = world.type("backend set be1 --groups ops");
  CHECK(set.err.contains("nobody gets into"));
  CHECK(world.refused("backend set be1 --groups nothing") == "there is no group nothing\n");
  world.done("backend set be7 --groups none");
  CHECK(world.json("backend show be7 --json")["groups"].is_null());
}

TEST_CASE("where only others are served nothing is placed, and the sentence says so") {
  AdminWorld world;
  world.done("user add alice");
  world.done("group add ops");
  world.done("backend add be1 10.1.1.11 --login hop --groups ops");
  CHECK(world.refused("container add web --owner alice --auto-place --address 10.0.3.1") ==
        "no active backend serves alice; for other groups: be1\n");
}

TEST_CASE("a document has groups, their members, whom a backend serves and what is shared with them") {
  AdminWorld world;
  world.file_text =
      "version: 1\nusers: [{name: alice}, {name: bob}]\ngroups: [{name: ops, members: [bob]}]\n"
      "backends: [{name: be1, address: 10.1.1.11, login: hop, groups: [ops]}]\n"
      "containers: [{owner: bob, name: web, backend: be1, address: 10.0.3.1, shares: [{group: ops}]}]\n";
  world.done("apply FILE");
  const auto first = world.json("export --json");
  CHECK(first["groups"][0]["members"][0] == "bob");
  CHECK(first["backends"][0]["groups"][0] == "ops");
  CHECK(first["containers"][0]["shares"][0]["group"] == "ops");
  world.file_text = first.dump();
  CHECK(world.json("apply FILE --json")["changes"].empty());
  world.file_text = "version: 1\ngroups: [{name: ops, members: []}]\n";
  CHECK(world.json("apply FILE --json")["changes"].empty());
  CHECK(world.done("apply FILE --prune").contains("ops bob"));
  world.file_text = "version: 1\ngroups: [{name: ops, members: [carol]}]\n";
  CHECK(world.refused("apply FILE").contains("group ops: there is no user carol to be in it"));
  world.file_text = "version: 1\ngroups: []\n";
  CHECK(world.refused("apply FILE --prune").contains("would serve everybody"));
  world.file_text = "version: 1\ncontainers: [{owner: bob, name: web, shares: [{user: alice, group: ops}]}]\n";
  CHECK(world.refused("apply FILE").contains("it is with a user or with a group"));
  world.file_text = "version: 1\ngroups: []\nbackends: [{name: be1, groups: null}]\n";
  world.done("apply FILE --prune");
  CHECK(world.json("export --json")["groups"].empty());
}

}  // namespace bastion::admin
