#include "bastion/server/server_id.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "bastion/server/crash_recovery.h"
#include "bastion/setup/key_files.h"
#include "store/sessions.h"
#include "tests/support/small_world.h"
#include "tests/support/temporary_folder.h"

namespace bastion::server {

using test::must;

TEST_CASE("a server has the same id again, unless another one lives that has it") {
  const test::TemporaryFolder folder;
  must(setup::make_private_folder(folder / "state"));
  std::optional<ServerId> first = must(ServerId::take(folder / "state"));
  const auto name = first->text();
  std::optional<ServerId> second = must(ServerId::take(folder / "state"));
  CHECK(second->text() != name);
  CHECK(second->free() == std::vector{second->text()});
  first.reset();
  second.reset();
  const auto again = must(ServerId::take(folder / "state"));
  CHECK(again.free().size() == 2);
  CHECK(std::ranges::find(again.free(), name) != again.free().end());
}

TEST_CASE("what a server has left open is closed, with a row in the audit, and nothing of anybody else's") {
  test::SmallWorld world;
  store::Sessions sessions(world.database);
  for (const auto* server : {"gone", "gone", "alive"}) {
    const auto id = std::string(server) + std::to_string(must(sessions.open_now()).size());
    must(sessions.open({.id = id,
                        .user = "alice",
                        .from_host = "10.1.0.2",
                        .key_fingerprint = "SHA256:a",
                        .container = {},
                        .route = {},
                        .at = 10,
                        .server = server}));
  }
  const auto closed_at = [&](std::int64_t now) {
    return must(world.database.change([&] { return close_left_open(world.database, {"gone"}, now); }));
  };
  CHECK(closed_at(20) == 2);
  CHECK(must(sessions.open_now()).size() == 1);
  CHECK(must(sessions.open_now()).front().opened.server == "alive");
  const auto audit = must(world.audit.latest(10));
  REQUIRE(audit.size() == 2);
  CHECK(audit.front().outcome == "server_killed");
  CHECK(audit.front().actor == "alice");
  CHECK(closed_at(30) == 0);
}

}  // namespace bastion::server
