// What groups open, and what ends with them.
#include <doctest/doctest.h>

#include <string>

#include "bastion/access/container_access.h"
#include "bastion/access/destination.h"
#include "bastion/access/route.h"
#include "bastion/access/target.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;
using test::refused;
using test::SmallWorld;

// alice's web on be1 is shared with group ops, in which bob is.
struct GroupWorld : SmallWorld {
  GroupWorld() {
    for (const auto* name : {"alice", "bob", "carol"}) user(name);
    for (const auto* name : {"be1", "be2"}) backend(name);
    web = container("alice", "web", "be1", "10.0.3.100");
    ops = group("ops", {"bob"});
    must(shares.add_group(web, ops, {}));
  }

  [[nodiscard]] Identity who(std::string_view name) { return {.user = id_of(name), .name = std::string(name)}; }
  // Where a login leads, and by which group; or why nowhere.
  std::string route(std::string_view user_name, std::int64_t now = kNow) {
    const auto target = parse_target(user_name);
    REQUIRE(target);
    const auto found = find_route(containers, backends, who(target->user), *target, now);
    if (!found) return std::string(code_of(found.error().reason)) + " " + found.error().subject;
    return found->container_name + (found->group.empty() ? "" : " by " + found->group);
  }
  // What becomes of somebody who is in alice's web; empty: they stay.
  std::string stays(std::string_view name, std::int64_t now = kNow) {
    const auto found = find_access(containers, who(name), web, "alice/web", now);
    return found ? "" : std::string(code_of(found.error().reason));
  }
  // Until when that is.
  std::optional<std::int64_t> until(std::string_view name) {
    return find_access(containers, who(name), web, "alice/web", kNow).value_or(0);
  }

  std::int64_t web = 0;
  std::int64_t ops = 0;
};

}  // namespace

TEST_CASE("groups: whoever is in one enters what is shared with it, and nobody else") {
  GroupWorld world;
  CHECK(world.route("bob") == "alice/web by ops");
  CHECK(world.route("bob+alice/web") == "alice/web by ops");
  CHECK(world.route("carol") == "no_container ");
  CHECK(world.route("alice") == "web");
  must(world.groups.join(world.ops, world.id_of("carol")));
  CHECK(world.route("carol") == "alice/web by ops");
  // Who is let in alone too is not there by the group.
  must(world.shares.add(world.web, world.id_of("carol"), {}));
  CHECK(world.route("carol") == "alice/web");
}

TEST_CASE("groups: what takes a group's right away ends what rests on it") {
  struct Case {
    const char* what;
    void (*done)(GroupWorld&);
  };
  const Case cases[] = {
      {"leave", [](GroupWorld& world) { CHECK(must(world.groups.leave(world.ops, world.id_of("bob")))); }},
      {"unshare", [](GroupWorld& world) { CHECK(must(world.shares.remove_group(world.web, world.ops))); }},
      {"remove", [](GroupWorld& world) { must(world.groups.remove(must(world.groups.get("ops")))); }},
      {"expire", [](GroupWorld& world) { must(world.shares.add_group(world.web, world.ops, GroupWorld::kNow)); }},
  };
  for (const auto& one : cases) {
    CAPTURE(one.what);
    GroupWorld world;
    CHECK(world.stays("bob").empty());
    one.done(world);
    CHECK(world.stays("bob") == "container_unshared");
    CHECK(world.route("bob") == "no_container ");
    CHECK(world.stays("alice").empty());
  }
}

TEST_CASE("groups: of several shares the one that lasts longest counts") {
  GroupWorld world;
  const auto dev = world.group("dev", {"bob"});
  CHECK_FALSE(world.until("bob"));
  must(world.shares.add_group(world.web, world.ops, GroupWorld::kNow + 10));
  CHECK(world.until("bob") == GroupWorld::kNow + 10);
  must(world.shares.add_group(world.web, dev, GroupWorld::kNow + 20));
  CHECK(world.until("bob") == GroupWorld::kNow + 20);
  must(world.shares.add(world.web, world.id_of("bob"), GroupWorld::kNow + 30));
  CHECK(world.until("bob") == GroupWorld::kNow + 30);
  CHECK(world.stays("bob", GroupWorld::kNow + 29).empty());
  CHECK(world.stays("bob", GroupWorld::kNow + 30) == "container_unshared");
  must(world.shares.add(world.web, world.id_of("bob"), GroupWorld::kNow + 5));
  CHECK(world.route("bob", GroupWorld::kNow + 15) == "alice/web by dev");
}

TEST_CASE("groups: a backend that serves some has the containers of nobody else") {
  GroupWorld world;
  const auto be1 = must(world.backends.get("be1")).id;
  must(world.groups.set_backend(be1, {"ops"}));
  CHECK_FALSE(must(world.groups.serves(be1, world.id_of("alice"))));
  CHECK(must(world.groups.serves(be1, world.id_of("bob"))));
  CHECK(must(world.groups.not_served_on(be1)) == std::vector<std::string>{"alice/web"});
  // It is the owner who counts: nobody gets in, and who is in does not stay.
  for (const auto* name : {"alice", "bob"}) {
    CHECK(world.route(std::string(name) + "+alice/web") == "backend_serves_others be1");
    CHECK(world.stays(name) == "backend_serves_others");
    const auto forward = find_destination(
        world.containers, world.backends, world.who(name), Target{.user = name, .owner = {}, .container = {}},
        {name == std::string_view("alice") ? "web" : "alice/web", 22}, GroupWorld::kNow);
    CHECK(refused(forward).contains("backend be1 serves groups of which the container's owner is in none"));
  }
  must(world.groups.join(world.ops, world.id_of("alice")));
  CHECK(world.route("alice") == "web");
  CHECK(world.stays("bob").empty());
  // Who is shared with need not be of the group.
  must(world.shares.add(world.web, world.id_of("carol"), {}));
  CHECK(world.route("carol") == "alice/web");
  must(world.groups.leave(world.ops, world.id_of("alice")));
  CHECK(world.route("alice") == "backend_serves_others be1");
  must(world.groups.set_backend(be1, {}));
  CHECK(world.route("alice") == "web");
}

TEST_CASE("groups: one that a backend serves alone does not go, which would open that to everybody") {
  GroupWorld world;
  const auto be1 = must(world.backends.get("be1")).id;
  world.group("dev");
  must(world.groups.set_backend(be1, {"dev", "ops"}));
  must(world.groups.remove(must(world.groups.get("dev"))));
  CHECK(must(world.groups.of_backend(be1)) == std::vector<std::string>{"ops"});
  CHECK(refused(world.groups.remove(must(world.groups.get("ops")))).contains("would serve everybody"));
  must(world.backends.remove(world.backend("be9")));
}

TEST_CASE("groups: a backend on the way lets through whom the last one serves") {
  GroupWorld world;
  world.backend("far", "be2");
  world.container("carol", "box", "far", "10.0.3.7");
  must(world.groups.set_backend(must(world.backends.get("be2")).id, {"ops"}));
  CHECK(world.route("carol") == "box");
}

}  // namespace bastion::access
