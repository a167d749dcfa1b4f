#include "store/fleet/audit_tail.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "store/fleet/nodes.h"
#include "store/fleet/records.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::store::fleet {
namespace {

using test::must;
using test::refused;

constexpr std::chrono::seconds kPatientTail{20};
constexpr int kLimit = 3;

struct TailWorld {
  TailWorld() { must(Nodes(postgres.conninfo(), kPatientTail).prepare()); }

  // What a bastion writes and carries at once.
  void happens(const std::string& node, const std::string& subject, const std::string& actor = "alice") {
    auto& database = database_of(node);
    Audit rows(database);
    must(database.change_here([&] {
      return rows.add({.at = ++now, .actor = actor, .action = "login", .subject = subject, .outcome = "done"});
    }));
    must(records.carry(database, node));
  }
  // Its machine is made anew.
  void begins_anew(const std::string& node) {
    databases.erase(node);
    ++made;
  }
  std::string next(const std::optional<std::string>& user = {}) {
    std::string all;
    for (const auto& row : must(tail.next(places, user, kLimit)))
      all += fmt::format("{}:{} ", row.node, row.entry.subject);
    return all;
  }
  Database& database_of(const std::string& node) {
    const auto found = databases.find(node);
    if (found != databases.end()) return found->second;
    const auto file = folder / fmt::format("{}-{}.db", node, made);
    return databases.emplace(node, must(Database::open(file, Database::Access::create))).first->second;
  }

  test::TemporaryFolder folder;
  test::Postgres postgres;
  Records records{postgres.conninfo(), kPatientTail};
  AuditTail tail{postgres.conninfo(), "one", kPatientTail};
  AuditPlaces places;
  std::map<std::string, Database> databases;
  int made = 0;
  std::int64_t now = 0;
};

}  // namespace

TEST_CASE("fleet: who follows the others' audits has each row once, whenever it is carried") {
  TailWorld world;
  world.happens("one", "own");
  world.happens("two", "before");
  world.places = must(world.tail.ends());
  CHECK(world.next().empty());
  world.happens("two", "a");
  world.happens("three", "b");  // which was not there yet
  world.happens("one", "own");
  CHECK(world.next() == "two:a three:b ");
  CHECK(world.next().empty());
  // What happened long ago, and comes only now.
  world.now = -100;
  world.happens("three", "c");
  CHECK(world.next() == "three:c ");
  // A machine that was made anew counts its rows anew.
  world.begins_anew("two");
  world.happens("two", "anew");
  CHECK(world.next() == "two:anew ");
  CHECK(world.next().empty());
}

TEST_CASE("fleet: of much that has come to the others' audits each has its part, and nothing is left out") {
  TailWorld world;
  for (int n = 0; n < 2 * kLimit; ++n) world.happens("two", fmt::format("{}", n), n % 2 == 0 ? "alice" : "bob");
  world.happens("three", "x");
  CHECK(world.next() == "two:0 two:1 two:2 three:x ");
  CHECK(world.next() == "two:3 two:4 two:5 ");
  CHECK(world.next().empty());
  // Of one user: the rows of others are passed over for good.
  world.places.clear();
  CHECK(world.next("bob") == "two:1 two:3 two:5 ");
  CHECK(world.next("bob").empty());
  CHECK(world.next("alice").empty());
}

TEST_CASE("fleet: what is shown first of the others' audits does not come again") {
  TailWorld world;
  for (int n = 0; n < 5; ++n) world.happens("two", fmt::format("{}", n));
  world.places = must(world.tail.ends());
  world.happens("two", "later");
  const auto rows = must(world.tail.latest(world.places, {.user = {}, .since = 3, .limit = 3}));
  REQUIRE(rows.size() == 2);  // of the newest three, one is not among those up to there
  CHECK(rows[0].entry.subject == "4");
  CHECK(rows[1].entry.subject == "3");
  CHECK(world.next() == "two:later ");
  CHECK(must(world.tail.origin_of("two", 1)) == rows[0].origin);
  CHECK(refused(world.tail.origin_of("two", 4711)) == "there is no row 4711 of two in the audit");
}

TEST_CASE("fleet: while the others' audits cannot be had, the place stays") {
  TailWorld world;
  world.happens("two", "a");
  world.postgres.stop();
  CHECK_FALSE(world.tail.next(world.places, {}, kLimit));
  world.postgres.start();
  CHECK(world.next() == "two:a ");
}

}  // namespace bastion::store::fleet
