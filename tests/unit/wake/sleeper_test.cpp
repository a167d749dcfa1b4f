#include "bastion/wake/sleeper.h"

#include <doctest/doctest.h>

#include "bastion/access/identity.h"
#include "bastion/access/target.h"
#include "store/wakes.h"
#include "tests/support/small_world.h"

namespace bastion::wake {
namespace {

using test::must;

// alice/web on be2, behind be1; both are to be started, and be1 by a hook.
struct SleeperWorld : test::SmallWorld {
  SleeperWorld() {
    user("alice");
    first = backend("be1");
    second = backend("be2", "be1");
    web = container("alice", "web", "be2", "10.0.3.100");
    must(wakes.set_container(web, true));
    must(wakes.set_backend(first, "cloud"));
    route = access::Route{.hops = must(access::find_way(backends, second)),
                          .container = web,
                          .backend = second,
                          .container_name = "web",
                          .full_name = "alice/web",
                          .address = "10.0.3.100",
                          .account = "alice"};
  }
  [[nodiscard]] std::optional<Wanted> of(Reason reason, std::string subject) {
    return sleeper(wakes, route, {reason, std::move(subject), {}});
  }

  store::Wakes wakes{database};
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t web = 0;
  access::Route route;
};

}  // namespace

TEST_CASE("sleeper: a container that cannot be reached, by what it is called where it runs") {
  SleeperWorld world;
  world.route.container_name = "alice/web";  // as somebody else may read it
  const auto found = world.of(Reason::container_unreachable, "alice/web");
  REQUIRE(found);
  CHECK(found->kind == Wanted::Kind::container);
  CHECK(found->id == world.web);
  CHECK(found->name == "web");
  CHECK(found->full_name == "alice/web");
  CHECK(found->way == world.route.hops);
  CHECK(found->at == Endpoint{"10.0.3.100", 22});
}

TEST_CASE("sleeper: a container whose command has failed, and is tried by that command") {
  SleeperWorld world;
  world.route.command = "incus exec web -- /usr/sbin/sshd -i";
  const auto found = world.of(Reason::container_command_failed, "web");
  REQUIRE(found);
  CHECK(found->id == world.web);
  CHECK(found->command == world.route.command);
  must(world.wakes.set_container(world.web, false));
  CHECK_FALSE(world.of(Reason::container_command_failed, "web"));
}

TEST_CASE("sleeper: a backend that cannot be reached, from where it would be") {
  SleeperWorld world;
  const auto found = world.of(Reason::backend_unreachable, "be1");
  REQUIRE(found);
  CHECK(found->kind == Wanted::Kind::backend);
  CHECK(found->id == world.first);
  CHECK(found->hook == "cloud");
  CHECK(found->way.empty());
  CHECK_FALSE(world.of(Reason::backend_unreachable, "be2"));  // has no hook
  must(world.wakes.set_backend(world.second, "other"));
  CHECK(world.of(Reason::backend_unreachable, "be2")->way.size() == 1);
}

TEST_CASE("sleeper: nothing else is started") {
  SleeperWorld world;
  for (const auto reason : {Reason::container_key_changed, Reason::container_refused_identity,
                            Reason::backend_key_changed, Reason::backend_not_active, Reason::container_not_started}) {
    CHECK_FALSE(world.of(reason, "web"));
    CHECK_FALSE(world.of(reason, "be1"));
  }
  SUBCASE("where it is not marked") {
    must(world.wakes.set_container(world.web, false));
    CHECK_FALSE(world.of(Reason::container_unreachable, "web"));
  }
  SUBCASE("where the bastion does not log in to the backend it runs on") {
    world.route.hops.pop_back();
    CHECK_FALSE(world.of(Reason::container_unreachable, "web"));
    world.route.hops.clear();
    CHECK_FALSE(world.of(Reason::container_unreachable, "web"));
  }
  SUBCASE("a backend that is not on the way") {
    world.backend("be9");
    CHECK_FALSE(world.of(Reason::backend_unreachable, "be9"));
  }
}

}  // namespace bastion::wake
