#include "store/bans.h"

#include <doctest/doctest.h>

#include "store/sessions.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;

struct BansWorld : test::SmallWorld {
  Bans bans{database};
};

}  // namespace

TEST_CASE("bans: one of each origin for a network, the last one that was put") {
  BansWorld world;
  must(world.bans.put({.network = "192.0.2.7", .cause = {}, .actor = "root", .since = 10, .expires_at = 20}));
  must(world.bans.put({.network = "192.0.2.7", .cause = {}, .actor = "ruth", .since = 11}));
  must(world.bans.put({.network = "192.0.2.7",
                       .origin = Ban::Origin::penalty,
                       .cause = "crash",
                       .actor = {},
                       .since = 12,
                       .expires_at = 30}));
  const auto all = must(world.bans.all(0));
  REQUIRE(all.size() == 2);
  CHECK(all[0].origin == Ban::Origin::admin);
  CHECK(all[0].actor == "ruth");
  CHECK(all[0].since == 11);
  CHECK_FALSE(all[0].expires_at);
  CHECK(all[1].origin == Ban::Origin::penalty);
  CHECK(all[1].cause == "crash");
  CHECK(all[1].expires_at == 30);
  CHECK(must(world.bans.count()) == 1);
  CHECK(must(world.bans.remove("192.0.2.7", Ban::Origin::admin)));
  CHECK_FALSE(must(world.bans.remove("192.0.2.7", Ban::Origin::admin)));
  CHECK(must(world.bans.all(0)).size() == 1);
}

TEST_CASE("bans: one that has expired does not count, and can be taken away") {
  BansWorld world;
  must(world.bans.put({.network = "192.0.2.7", .cause = {}, .actor = "root", .since = 10, .expires_at = 20}));
  CHECK(must(world.bans.all(19)).size() == 1);
  CHECK(must(world.bans.all(20)).empty());
  must(world.bans.remove_expired(Ban::Origin::admin, 19));
  CHECK(must(world.bans.count()) == 1);
  must(world.bans.remove_expired(Ban::Origin::admin, 20));
  CHECK(must(world.bans.count()) == 0);
}

TEST_CASE("sessions: where they have come from since a time, each once") {
  BansWorld world;
  Sessions sessions(world.database);
  const auto session = [&](const std::string& id, const std::string& host, std::int64_t opened_at,
                           std::optional<std::int64_t> closed_at) {
    must(sessions.open({.id = id,
                        .user = "alice",
                        .from_host = host,
                        .key_fingerprint = "",
                        .container = "",
                        .route = "",
                        .at = opened_at}));
    if (closed_at) must(sessions.close({.id = id, .at = *closed_at, .reason = "ok"}));
  };
  session("a", "192.0.2.1", 100, 110);
  session("b", "192.0.2.1", 130, std::nullopt);
  session("c", "192.0.2.2", 120, 140);
  session("d", "192.0.2.3", 50, 140);  // it was opened before
  session("e", "192.0.2.4", 50, 60);
  const auto from = must(sessions.came_from(100, 10));
  REQUIRE(from.size() == 2);
  CHECK(from[0].host == "192.0.2.1");
  CHECK(from[0].at == 130);
  CHECK(from[1].host == "192.0.2.2");
  CHECK(must(sessions.came_from(100, 1)).size() == 1);
}

}  // namespace bastion::store
