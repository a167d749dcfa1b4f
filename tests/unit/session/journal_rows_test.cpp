// What of a session is a row of the audit of its own, and how much strangers may have of one.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/session/journal.h"
#include "bastion/session/session_log.h"
#include "store/writer.h"
#include "tests/support/small_world.h"

namespace bastion::session {
namespace {

using test::must;

struct Rows : test::SmallWorld {
  template <typename What>
  std::vector<store::AuditEntry> of(What what) {
    const auto writer = must(store::Writer::open(file));
    {
      Journal journal(*writer, "server1");
      what(journal);
    }
    writer->close();
    return must(audit.latest(10));
  }
  const Arrival arrival{.id = "id1", .from_host = "10.0.0.9", .from_port = 5};
};

auth::Tried tried_with(const std::vector<std::string>& users) {
  auth::Tried tried;
  for (const auto& user : users) {
    tried.note({.user = user,
                .method = "publickey",
                .key_type = "ssh-ed25519",
                .fingerprint = "SHA256:" + user.substr(0, 43)});
  }
  return tried;
}

}  // namespace

TEST_CASE("the log: nothing that a stranger leaves with looks like another value of the line") {
  CHECK(detail_of_stranger("the connection was closed") == "the connection was closed");
  CHECK(detail_of_stranger("11:bye\" from=10.9.9.9 port=22\n info: login failed") ==
        R"(11:bye\x22 from\x3d10.9.9.9 port\x3d22\x0a info: login failed)");
  CHECK(detail_of_stranger("").empty());
  CHECK(detail_of_stranger(std::string(1000, '=')).size() < 300);
}

TEST_CASE("journal: a container that is lost after it was entered is left, and not entered once more") {
  Rows rows;
  rows.user("alice");
  const access::Identity alice{.user = rows.id_of("alice"), .name = "alice"};
  access::Route web;
  web.full_name = "alice/web";
  const auto found = rows.of([&](Journal& journal) {
    journal.on_entered(rows.arrival, alice, web);
    journal.on_container_lost(rows.arrival, alice, web, {Reason::container_vanished, "web", {}});
  });
  REQUIRE(found.size() == 2);
  CHECK(found.front().action == "leave");
  CHECK(found.front().subject == "alice/web");
  CHECK(found.front().outcome == "container_vanished");
  CHECK(found.back().action == "enter");
  CHECK(found.back().outcome == "done");
}

TEST_CASE("journal: a row that a stranger causes is of a bounded size, whatever was sent") {
  Rows rows;
  const auto tried =
      tried_with({std::string(100, '"'), std::string(100, '<'), std::string(100, '='), std::string(9, ' ')});
  const auto found = rows.of(
      [&](Journal& journal) { journal.on_end(rows.arrival, {Reason::client_vanished, {}, {}}, {.tried = &tried}); });
  REQUIRE(found.size() == 1);
  CHECK(found.front().subject.size() == RowBudget::kLongestSubject + 3);
  CHECK(found.front().subject.ends_with("..."));
  CHECK(found.front().key_fingerprint.size() <= 4 * 52);
}

TEST_CASE("journal: who could not be judged was not denied") {
  Rows rows;
  const auto tried = tried_with({"alice"});
  const auto found = rows.of([&](Journal& journal) {
    journal.on_end(rows.arrival, {Reason::database_unreadable, {}, {}}, {.tried = &tried});
  });
  REQUIRE(found.size() == 1);
  CHECK(found.front().subject == "alice");
  CHECK(found.front().outcome == "database_unreadable");
}

}  // namespace bastion::session
