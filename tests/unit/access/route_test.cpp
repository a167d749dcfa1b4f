#include "bastion/access/route.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/access/target.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;
using test::SmallWorld;

struct RouteWorld : SmallWorld {
  RouteWorld() {
    for (const auto* name : {"alice", "bob", "carol", "dave"}) user(name);
    backend("be1");
    backend("be2");
  }

  // Where a login with this user name leads, in one line, or why nowhere.
  std::string route(std::string_view user_name, std::int64_t now = kNow) {
    const auto target = parse_target(user_name);
    REQUIRE(target);
    const Identity who{.user = id_of(target->user), .name = target->user};
    const auto found = find_route(containers, backends, who, *target, now);
    if (!found) {
      const auto& why = found.error();
      return std::string(code_of(why.reason)) + (why.subject.empty() ? "" : ": " + why.subject);
    }
    std::string line;
    for (const auto& hop : found->hops) line += hop.account + "@" + hop.name + " > ";
    return line + found->account + "@" + found->address + " (" + found->container_name + ")";
  }
};

}  // namespace

TEST_CASE("the default container: the only one, or the marked one") {
  RouteWorld world;
  CHECK(world.route("alice") == "no_container");
  world.container("alice", "web", "be1", "10.0.3.100");
  CHECK(world.route("alice") == "hop@be1 > alice@10.0.3.100 (web)");
  world.container("alice", "db", "be1", "10.0.3.101");
  CHECK(world.route("alice") == "no_default_container: ssh alice+db@... (db, web)");
  world.default_container("alice", "shop", "be1", "10.0.3.102");
  CHECK(world.route("alice") == "hop@be1 > alice@10.0.3.102 (shop)");
  CHECK(world.route("alice+db") == "hop@be1 > alice@10.0.3.101 (db)");
}

TEST_CASE("the same address on two backends is two containers") {
  RouteWorld world;
  world.container("alice", "web", "be1", "10.0.3.100");
  world.container("bob", "web", "be2", "10.0.3.100");
  CHECK(world.route("alice") == "hop@be1 > alice@10.0.3.100 (web)");
  CHECK(world.route("bob") == "hop@be2 > bob@10.0.3.100 (web)");
  CHECK(world.route("alice+bob/web") == "container_not_found: bob/web");
  CHECK(world.route("alice+nothing/web") == "container_not_found: nothing/web");
  CHECK(world.route("alice+db") == "container_not_found: db");
}

TEST_CASE("shared containers: one's own comes first, several of a name are ambiguous, shares end") {
  RouteWorld world;
  const auto alices = world.container("alice", "web", "be1", "10.0.3.100");
  const auto bobs = world.default_container("bob", "web", "be2", "10.0.3.100");
  const auto dave = world.id_of("dave");
  must(world.shares.add(alices, dave, RouteWorld::kNow + 10));
  CHECK(world.route("dave") == "hop@be1 > alice@10.0.3.100 (alice/web)");
  CHECK(world.route("dave", RouteWorld::kNow + 10) == "no_container");
  must(world.shares.add(bobs, dave, {}));
  CHECK(world.route("dave") == "no_default_container: ssh dave+alice/web@... (alice/web, bob/web)");
  CHECK(world.route("dave+web") == "container_ambiguous: ssh dave+alice/web@... (alice/web, bob/web)");
  CHECK(world.route("dave+bob/web") == "hop@be2 > bob@10.0.3.100 (bob/web)");
  world.container("dave", "web", "be2", "10.0.3.101");
  CHECK(world.route("dave+web") == "hop@be2 > dave@10.0.3.101 (web)");
  CHECK(world.route("dave") == "hop@be2 > dave@10.0.3.101 (web)");
}

TEST_CASE("a chain is dialled nearest first, and a direct backend is no hop") {
  RouteWorld world;
  world.backend("jump", "be1");
  world.backend("far", "jump");
  world.backend("here", {}, store::RouteKind::direct);
  world.backend("routed", "far", store::RouteKind::direct);
  world.container("alice", "web", "far", "10.0.3.100");
  world.container("bob", "web", "here", "10.0.3.100");
  world.container("carol", "web", "routed", "10.0.3.100");
  CHECK(world.route("alice") == "hop@be1 > hop@jump > hop@far > alice@10.0.3.100 (web)");
  CHECK(world.route("bob") == "bob@10.0.3.100 (web)");
  CHECK(world.route("carol") == "hop@be1 > hop@jump > hop@far > carol@10.0.3.100 (web)");
}

TEST_CASE("every backend on the way must be active") {
  RouteWorld world;
  world.backend("far", "be1");
  world.container("alice", "web", "far", "10.0.3.100");
  const auto be1 = must(world.backends.get("be1")).id;
  for (const auto state : {store::BackendState::draining, store::BackendState::disabled}) {
    must(world.backends.set_state(be1, state));
    CHECK(world.route("alice") == "backend_not_active: be1");
  }
  must(world.backends.set_state(be1, store::BackendState::active));
  CHECK(world.route("alice") == "hop@be1 > hop@far > alice@10.0.3.100 (web)");
}

}  // namespace bastion::access
