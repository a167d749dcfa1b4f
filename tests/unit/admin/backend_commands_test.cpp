// The commands about backends and their host keys.
#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::host_key_of;
using test::kAliceKey;
using test::kOtherKey;
using test::must;

TEST_CASE("a host key that is given is pinned") {
  AdminWorld world;
  world.done("user add alice");
  // A key contains a space: the words are given as they would arrive.
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"backend", "add", "be1", "10.1.1.11", "--login", "hop", "--host-key", kAliceKey},
           {"container", "add", "web", "--owner", "alice", "--backend", "be1", "--address", "[fd00::1]", "--host-key",
            kOtherKey}}) {
    CHECK(run(words, world.context).status == Status::done);
  }
  CHECK(std::string(world.json("backend show be1")["host_key"]).ends_with(" (pinned)"));
  CHECK(std::string(world.json("container show web")["host_key"]).ends_with(" (pinned)"));
  CHECK(world.json("container show web")["address"] == "[fd00::1]:22");
}

TEST_CASE("a backend is changed, drained and resumed") {
  AdminWorld world;
  world.furnished();
  const auto owner = store::HostKeyOwner::of_backend(must(world.backends.get("far")).id);
  must(world.host_keys.learn(owner, test::blob("learned"), 1));
  world.done("backend set far --login root --capacity none");
  CHECK(world.json("backend show far")["capacity"].is_null());
  CHECK(world.json("backend show far")["via"] == "be1");
  CHECK(host_key_of(world.host_keys, owner));
  world.done("backend set far --address 10.1.1.13 --via none");
  CHECK(world.json("backend show far")["address"] == "10.1.1.13:22");
  CHECK(world.json("backend show far")["via"].is_null());
  CHECK(world.json("backend show far")["login"] == "root");
  CHECK_FALSE(host_key_of(world.host_keys, owner));
  world.done("backend set be1 --via far");
  CHECK(world.refused("backend set far --via be1") == "backend far cannot be reached via itself\n");
  CHECK(world.refused("backend set far --via far") == "backend far cannot be reached via itself\n");

  CHECK(world.done("backend drain far").starts_with("backend far drains: running sessions go on"));
  CHECK(world.json("backend show far")["state"] == "draining");
  CHECK(world.refused("route alice").find("far") != std::string::npos);
  CHECK(world.done("backend resume far") == "backend far is active\n");
  CHECK(world.json("backend show far")["state"] == "active");
}

TEST_CASE("a host key is forgotten when the machine is another one") {
  AdminWorld world;
  world.furnished();
  const auto be1 = store::HostKeyOwner::of_backend(must(world.backends.get("be1")).id);
  CHECK(world.refused("backend forget-host-key be1") == "no host key of backend be1 is known\n");
  must(world.host_keys.pin(be1, test::blob("K"), 1));
  CHECK(world.done("backend forget-host-key be1") ==
        "the host key of backend be1 is forgotten; the next one it presents is remembered\n");
  CHECK_FALSE(host_key_of(world.host_keys, be1));
  CHECK(world.refused("container forget-host-key alice/web") == "no host key of container alice/web is known\n");
}

TEST_CASE("whether a backend can be reached is shown as it was found out") {
  AdminWorld world;
  using State = upstream::Reachability::State;
  const auto first = world.backend("be1");
  const auto second = world.backend("be2");
  world.backend("here", "", store::RouteKind::direct);
  world.context.snapshot.reachability = {
      {.backend = first, .state = State::reachable, .latency = std::chrono::microseconds(1290), .last_success = 90},
      {.backend = second, .state = State::unreachable, .why = "backend be2 is unreachable: refused"}};
  const auto list = world.json("backend list");
  CHECK(list[0]["reachable"] == true);
  CHECK(list[0]["latency_ms"] == 1.3);
  CHECK(list[0]["last_success"] == "1970-01-01T00:01:30Z");
  CHECK(list[1]["reachable"] == false);
  CHECK(list[1]["latency_ms"].is_null());
  CHECK(list[2]["reachable"].is_null());
  CHECK(world.json("backend show be2")["unreachable_because"] == "backend be2 is unreachable: refused");
  world.context.snapshot.reachability.reset();
  const auto unmeasured = world.type("backend list --json");
  CHECK(nlohmann::json::parse(unmeasured.out)[0]["reachable"].is_null());
  CHECK(unmeasured.err.contains("reachability is not measured"));
}

}  // namespace bastion::admin
