// What says where the containers of a backend are, and what it has said.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "store/sightings.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

TEST_CASE("a source is set, changed, shown and taken away") {
  AdminWorld world;
  world.furnished();
  const auto source = [&] { return world.json("backend show be1")["source"]; };
  CHECK(source().is_null());
  world.done("backend set be1 --source incus --every 30s --interface eth1 --map n1=be1 --map n2=far");
  CHECK(source() == "incus every=30 interface=eth1 map=n1=be1 map=n2=far");
  world.done("backend set be1 --every 2m --project b");
  CHECK(source() == "incus every=120 project=b interface=eth1 map=n1=be1 map=n2=far");
  world.done("backend set be1 --source lxd --map n1=be1");
  CHECK(source() == "lxd every=60 map=n1=be1");
  world.done("backend set be1 --source none");
  CHECK(source().is_null());
}

TEST_CASE("a source that cannot be is refused, and nothing is changed") {
  AdminWorld world;
  world.furnished();
  CHECK(world.refused("backend set be1 --every 30s") ==
        "backend be1 has no source: give --source incus or --source lxd with it\n");
  CHECK(world.refused("backend set be1 --source incus --every 9s") == "--every 9s: it is 10s to 1d\n");
  CHECK(world.refused("backend set be1 --source none --every 30s").contains("--source none has no --every"));
  CHECK(world.refused("backend set be1 --source incus --map n1=nowhere").starts_with("there is no backend nowhere"));
  CHECK(world.refused("backend set be1 --source incus --map n1=be1 --map n1=far") ==
        "--map says of n1 twice what it is called here\n");
  CHECK(world.misused("backend set be1 --source docker").contains("it is incus, lxd or none"));
  CHECK(world.misused("backend set be1 --source incus --project a;b").contains("cannot be a project"));
  CHECK(world.misused("backend set be1 --source incus --every soon").contains("soon"));
  world.done("backend add near 10.1.1.99 --login hop --direct");
  CHECK(world.refused("backend set near --source incus") ==
        "the bastion does not log in to backend near, so it cannot ask there what runs\n");
}

TEST_CASE("the account of a backend whose daemon is asked is bound to the program that asks it") {
  AdminWorld world;
  world.furnished();
  constexpr std::string_view kBound =
      "restrict,port-forwarding,command=\"/usr/local/bin/bastion-instances /etc/bastion-instances\" ssh-ed25519 ";
  CHECK_FALSE(world.done("identity show be1").contains("bastion-instances"));
  world.done("container set alice/web --wake");
  CHECK(world.type("identity show be1").out.starts_with(kBound));
  world.done("container set alice/web --no-wake");
  CHECK_FALSE(world.done("identity show be1").contains("bastion-instances"));
  world.done("backend set be1 --source incus");
  const auto shown = world.type("identity show be1");
  CHECK(shown.out.starts_with(kBound));
  CHECK(shown.err.contains("docs/ADMIN.md has both"));
  // It starts the sshd of an instance too; beside any other command it is not enough.
  world.type("container add db --owner alice --backend be1 --command incus");
  const auto reached = world.type("identity show be1");
  CHECK(reached.out.starts_with(kBound));
  CHECK(reached.err.contains("a line `reach` of the file names what is reached by a command"));
  world.type("container set alice/db --command docker");
  const auto both = world.type("identity show be1");
  CHECK(both.out.starts_with("restrict,port-forwarding ssh-ed25519 "));
  CHECK(both.err.contains("containers are reached by 1 command there, and what runs there is listed or started"));
}

TEST_CASE("what a source has said is shown as long as there is one") {
  AdminWorld world;
  world.furnished();
  world.done("backend set be1 --source incus");
  const auto be1 = must(world.backends.get("be1")).id;
  const auto web = must(world.containers.on_backend(be1)).front().id;
  store::Sightings sightings(world.database);
  must(world.database.change_here([&]() -> Result<> {
    if (auto put = sightings.put({.container = web, .source = be1, .state = "running", .seen_at = 60, .drift = "why"});
        !put) {
      return put;
    }
    return sightings.listed(be1, 120);
  }));
  const auto shown = world.json("container show alice/web");
  CHECK(shown["state"] == "running");
  CHECK(shown["seen"] == "1970-01-01T00:02:00Z");
  CHECK(shown["not_followed_because"] == "why");
  CHECK(world.json("container list")[0]["state"] == "running");
  CHECK(world.json("container list")[1]["state"].is_null());
  CHECK(world.json("backend show be1")["containers"][0]["seen"] == "1970-01-01T00:02:00Z");
  CHECK(world.json("backend show be1")["listed"] == "1970-01-01T00:02:00Z");
  must(world.database.change_here([&] { return sightings.failed(be1, "it hangs"); }));
  CHECK(world.json("backend show be1")["not_listed_because"] == "it hangs");
  world.done("backend set be1 --source none");
  CHECK(world.json("container show alice/web")["state"].is_null());
}

}  // namespace bastion::admin
