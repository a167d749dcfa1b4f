// The commands about who is refused.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "store/bans.h"
#include "tests/support/admin_world.h"
#include "tests/support/recorded_runtime.h"

namespace bastion::admin {
namespace {

using test::must;

struct BanWorld : test::AdminWorld {
  BanWorld() { context.runtime = &runtime; }
  void penalty(const std::string& network, std::int64_t expires_at = kNow + 60) {
    must(store::Bans(database).put({.network = network,
                                    .origin = store::Ban::Origin::penalty,
                                    .cause = "authfail",
                                    .actor = {},
                                    .since = kNow,
                                    .expires_at = expires_at}));
  }

  test::RecordedRuntime runtime;
};

}  // namespace

TEST_CASE("ban: it is added, listed and lifted, and the bastion that serves hears of it") {
  BanWorld world;
  CHECK(world.done("ban list") == "nobody is banned\n");
  CHECK(world.done("ban add 192.0.2.7") == "192.0.2.7 banned\n");
  CHECK(world.runtime.bans_read == 1);
  CHECK(world.done("ban add 2001:db8:1::/48 --expires 2h").starts_with("2001:db8:1::/48 banned until 19"));
  const auto list = world.json("ban list");
  REQUIRE(list.size() == 2);
  CHECK(list[0]["network"] == "192.0.2.7");
  CHECK(list[0]["cause"] == "banned");
  CHECK(list[0]["by"] == world.context.actor);
  CHECK(list[0]["until"] == nullptr);
  CHECK(list[1]["until"] != nullptr);
  CHECK(world.done("ban lift 192.0.2.7") == "192.0.2.7 is no longer banned\n");
  CHECK(world.runtime.bans_read == 3);
  CHECK(world.runtime.forgiven == std::vector<std::string>{"192.0.2.7"});
  CHECK(world.json("ban list").size() == 1);
}

TEST_CASE("ban: an address is written in one way, and a second ban gives the first another time") {
  BanWorld world;
  CHECK(world.done("ban add 2001:DB8::0001 --expires 1h").starts_with("2001:db8::1 banned until"));
  CHECK(world.done("ban add 2001:db8::1/128") == "2001:db8::1 banned\n");
  const auto list = world.json("ban list");
  REQUIRE(list.size() == 1);
  CHECK(list[0]["until"] == nullptr);
  CHECK(world.done("ban add ::ffff:192.0.2.7") == "192.0.2.7 banned\n");
}

TEST_CASE("ban: penalties are listed with their cause, and lifted with what they are in") {
  BanWorld world;
  world.penalty("192.0.2.7");
  world.penalty("192.0.2.8");
  world.penalty("198.51.100.1");
  world.penalty("198.51.100.2", world.kNow - 1);  // over
  const auto list = world.json("ban list");
  REQUIRE(list.size() == 3);
  CHECK(list[0]["cause"] == "authfail");
  CHECK(list[0]["by"] == nullptr);
  CHECK(world.done("ban lift 192.0.2.7") == "192.0.2.7 is no longer banned\n");
  CHECK(world.done("ban lift 192.0.0.0/16") == "192.0.0.0/16 is no longer banned\n");
  CHECK(world.json("ban list").size() == 1);
}

TEST_CASE("ban: what it refuses") {
  BanWorld world;
  world.context.from_host = "10.0.0.9";
  CHECK(world.refused("ban add 10.0.0.0/8") == "10.0.0.0/8 is where you come from\n");
  CHECK(world.refused("ban lift 192.0.2.7") == "192.0.2.7 is not banned\n");
  CHECK(world.refused("ban add 192.0.2.7 --expires 1969-12-31") == "1969-12-31 is past: nobody would be banned\n");
  CHECK(world.misused("ban add 192.0.2.7/24").find("is not the beginning of a block") != std::string::npos);
  CHECK(world.misused("ban add be1").find("is no address and no block of addresses") != std::string::npos);
  world.done("ban add 192.0.2.0/24");
  CHECK(world.refused("ban lift 192.0.2.7") == "192.0.2.7 is not banned, but it is in 192.0.2.0/24, which is\n");
  CHECK(world.runtime.bans_read == 1);
}

}  // namespace bastion::admin
