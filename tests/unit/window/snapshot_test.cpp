#include "bastion/window/snapshot.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace bastion::window {

using nlohmann::json;
using std::chrono::duration;

TEST_CASE("window snapshot: one's own sessions, and what they carry in a second") {
  Snapshots snapshots({.bastion = "here", .version = "1.2.3"}, "alice");
  const auto first = json::parse(snapshots.next(
      R"([{"id":"a","container":"alice/web","from":"10.1.0.2","opened":"2026-11-28T20:14:10Z","channels":2,)"
      R"("bytes_from_user":100,"bytes_from_container":1000}])",
      0, duration<double>(0)));
  CHECK(first["at"] == "1970-01-01T00:00:00Z");
  CHECK(first["bastion"] == "here");
  CHECK(first["backends"].empty());
  REQUIRE(first["sessions"].size() == 1);
  const auto& session = first["sessions"][0];
  CHECK(session["user"] == "alice");
  CHECK(session["container"] == "alice/web");
  CHECK(session["since"] == "2026-11-28T20:14:10Z");
  CHECK(session["rate_from_user"] == 0.0);
  const auto second = json::parse(
      snapshots.next(R"([{"id":"a","bytes_from_user":300,"bytes_from_container":1000},{"id":"b","bytes_from_user":7}])",
                     2, duration<double>(2)));
  CHECK(second["sessions"][0]["rate_from_user"] == 100.0);
  CHECK(second["sessions"][0]["rate_from_container"] == 0.0);
  CHECK(second["sessions"][1]["rate_from_user"] == 0.0);
  CHECK(second["throughput"]["from_users"] == 100.0);
}

TEST_CASE("window snapshot: what is no list has no sessions") {
  Snapshots snapshots({}, "alice");
  for (const auto* const rows : {"", "{}", "[1,{},{\"id\":1}]", "[{\"id\":\"a\",\"bytes_from_user\":-1}"}) {
    CHECK(json::parse(snapshots.next(rows, 0, duration<double>(1)))["sessions"].empty());
  }
}

}  // namespace bastion::window
