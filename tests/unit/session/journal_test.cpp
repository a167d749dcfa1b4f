#include "bastion/session/journal.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/sessions.h"
#include "store/writer.h"
#include "tests/support/small_world.h"

namespace bastion::session {
namespace {

using test::must;

// Alice has come from 10.0.0.9; what is written about her can be read when write() is over.
struct World : test::SmallWorld {
  World() {
    user("alice");
    key("alice", "A");
    alice = {.user = id_of("alice"), .name = "alice"};
    alice.credential =
        access::KeyCredential{.key = must(keys.of_user(alice.user)).front().id, .fingerprint = "SHA256:A"};
  }

  template <typename What>
  void write(What what) {
    const auto writer = must(store::Writer::open(file));
    Journal journal(*writer, "server1", [] { return kNow; });
    what(journal);
  }
  [[nodiscard]] std::vector<store::AuditEntry> rows() { return must(audit.latest(10)); }

  Arrival arrival{.id = "id1", .from_host = "10.0.0.9", .from_port = 5};
  access::Identity alice;
};

access::Hop hop(const char* name) {
  access::Hop hop;
  hop.name = name;
  return hop;
}

access::Route web() {
  access::Route route;
  route.full_name = "alice/web";
  route.account = "root";
  route.hops = {hop("be1"), hop("be2")};
  return route;
}

std::vector<std::string> texts_of(const std::vector<store::AuditEntry>& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) {
    texts.push_back(row.actor + " " + row.action + " " + row.subject + " " + row.outcome);
  }
  return texts;
}

}  // namespace

TEST_CASE("journal: a session has a row from its beginning to its end, and each step one in the audit") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_begin(world.arrival);
    journal.on_authenticated(world.arrival, world.alice);
    journal.on_led(world.arrival, "alice/web", {hop("be1"), hop("be2")});
    journal.on_entered(world.arrival, world.alice, web());
    journal.on_end(world.arrival, {Reason::user_left, {}, {}},
                   {.identity = &world.alice,
                    .container = "alice/web",
                    .traffic = {.from_user = 3},
                    .lasted = std::chrono::seconds(5)});
  });
  const auto sessions = must(store::Sessions(world.database).latest(10));
  REQUIRE(sessions.size() == 1);
  CHECK(sessions.front().opened.id == "id1");
  CHECK(sessions.front().opened.key_fingerprint == "SHA256:A");
  CHECK(sessions.front().opened.container == "alice/web");
  CHECK(sessions.front().opened.route == "be1 > be2");
  CHECK(sessions.front().opened.server == "server1");
  CHECK(must(world.keys.of_user(world.alice.user)).front().last_used_at);
  CHECK(texts_of(world.rows()) ==
        std::vector<std::string>{"alice logout alice/web ok", "alice enter alice/web done", "alice login  done"});
  CHECK(world.rows()[0].detail == "seconds=5 from_user=3 from_container=0");
  CHECK(world.rows()[1].detail == "account=root route=be1>be2");
  CHECK(world.rows()[2].detail.empty());
  for (const auto& row : world.rows()) {
    CHECK(row.from_host == "10.0.0.9");
    CHECK(row.key_fingerprint == "SHA256:A");
    CHECK(row.session == "id1");
  }
}

TEST_CASE("journal: a session that goes on without its container has a row that says why") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_left_without(world.arrival, world.alice, "alice/web", {Reason::container_unreachable, "web", {}});
  });
  CHECK(texts_of(world.rows()) == std::vector<std::string>{"alice enter alice/web container_unreachable"});
}

TEST_CASE("journal: whoever was not let in has one row, with the names and the keys that were tried") {
  World world;
  auth::Tried tried;
  for (const auto* const user : {"alice+web", "root", "alice+web", "a b\n"}) {
    tried.note({.user = user, .method = "publickey", .key_type = "ssh-ed25519", .fingerprint = "SHA256:X"});
  }
  tried.note({.user = "root", .method = "password", .key_type = {}, .fingerprint = {}});
  world.write(
      [&](Journal& journal) { journal.on_end(world.arrival, {Reason::client_vanished, {}, {}}, {.tried = &tried}); });
  CHECK(must(store::Sessions(world.database).latest(10)).empty());
  CHECK(texts_of(world.rows()) == std::vector<std::string>{R"(alice login alice+web, root, a\x20b\x0a denied)"});
  CHECK(world.rows().front().detail == "reason=client_vanished");
  CHECK(world.rows().front().key_fingerprint == "SHA256:X");
  CHECK(world.rows().front().from_host == "10.0.0.9");
  CHECK(world.rows().front().session == "id1");
}

TEST_CASE("journal: a name that cannot be a user's is nobody's") {
  World world;
  auth::Tried tried;
  tried.note({.user = "local\" done", .method = "none", .key_type = {}, .fingerprint = {}});
  world.write(
      [&](Journal& journal) { journal.on_end(world.arrival, {Reason::client_vanished, {}, {}}, {.tried = &tried}); });
  CHECK(texts_of(world.rows()) == std::vector<std::string>{R"(- login local\x22\x20done denied)"});
}

TEST_CASE("journal: strangers cannot fill the disk") {
  World world;
  world.write([&](Journal& journal) {
    for (int i = 0; i < 10'000; ++i) {
      auth::Tried tried;
      for (int name = 0; name < 100; ++name) {
        tried.note({.user = std::to_string(name) + std::string(1000, '"'),
                    .method = "publickey",
                    .key_type = "ssh-ed25519",
                    .fingerprint = "SHA256:" + std::to_string(name)});
      }
      journal.on_end(world.arrival, {Reason::client_vanished, {}, {}}, {.tried = &tried});
    }
  });
  const auto rows = must(world.audit.latest(10'000));
  CHECK(rows.size() == RowBudget::kRows);
  for (const auto& row : rows) CHECK(row.subject.size() + row.key_fingerprint.size() < 2000);
}

TEST_CASE("rows that strangers cause: so many in a time, and what was left out is counted") {
  RowBudget budget;
  for (std::size_t i = 0; i < RowBudget::kRows; ++i) CHECK(budget.take(1000));
  CHECK_FALSE(budget.take(1000));
  CHECK_FALSE(budget.take(1000 + RowBudget::kSeconds - 1));
  CHECK(budget.take(1000 + RowBudget::kSeconds));
  CHECK(budget.left_out() == 2);
  CHECK(budget.left_out() == 0);
  CHECK(budget.take(1000));  // a clock that was set back
}

TEST_CASE("journal: of who has named nobody, nothing is written") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_begin(world.arrival);
    const auth::Tried nothing;
    journal.on_end(world.arrival, {Reason::client_vanished, {}, {}}, {.tried = &nothing});
  });
  CHECK(must(store::Sessions(world.database).latest(10)).empty());
  CHECK(world.rows().empty());
}

TEST_CASE("journal: tunnels, and who asked for what is for administrators, are in the audit") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_tunnel(world.arrival, world.alice, "bob/web");
    journal.on_refused_admin(world.arrival, world.alice);
  });
  REQUIRE(world.rows().size() == 2);
  CHECK(world.rows().front().action == "admin");
  CHECK(world.rows().front().outcome == "refused");
  CHECK(world.rows().back().action == "tunnel");
  CHECK(world.rows().back().subject == "bob/web");
}

}  // namespace bastion::session
