#include "bastion/session/journal.h"

#include <doctest/doctest.h>

#include <memory>

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
    Journal journal(*writer, "server1");
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

}  // namespace

TEST_CASE("journal: a session has a row from its beginning to its end, and one in the audit") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_begin(world.arrival);
    journal.on_authenticated(world.arrival, world.alice);
    journal.on_led(world.arrival, "alice/web", {hop("be1"), hop("be2")});
    journal.on_end(world.arrival, {Reason::user_left, {}, {}},
                   {.identity = &world.alice, .container = "alice/web", .traffic = {.from_user = 3}});
  });
  const auto sessions = must(store::Sessions(world.database).latest(10));
  REQUIRE(sessions.size() == 1);
  CHECK(sessions.front().opened.id == "id1");
  CHECK(sessions.front().opened.key_fingerprint == "SHA256:A");
  CHECK(sessions.front().opened.container == "alice/web");
  CHECK(sessions.front().opened.route == "be1 > be2");
  CHECK(sessions.front().opened.server == "server1");
  CHECK(must(world.keys.of_user(world.alice.user)).front().last_used_at);
  REQUIRE(world.rows().size() == 1);
  CHECK(world.rows().front().action == "login");
  CHECK(world.rows().front().subject == "id1");
  CHECK(world.rows().front().outcome == "ok");
  CHECK(world.rows().front().from_host == "10.0.0.9");
}

TEST_CASE("journal: where nobody has authenticated, nothing is written") {
  World world;
  world.write([&](Journal& journal) {
    journal.on_begin(world.arrival);
    journal.on_end(world.arrival, {Reason::client_vanished, {}, {}}, {});
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
