#include "store/fleet/records.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "store/fleet/courier.h"
#include "store/fleet/nodes.h"
#include "store/statement.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::store::fleet {
namespace {

using test::must;

constexpr std::chrono::seconds kPatientRecords{20};

// One bastion's database, and what is written there.
struct Recorder {
  explicit Recorder(const std::filesystem::path& file)
      : database(must(Database::open(file, Database::Access::create))) {}

  void audit(std::int64_t at, const std::string& actor, const std::string& subject = "x") {
    must(database.change_here([&] {
      return rows.add({.at = at, .actor = actor, .action = "login", .subject = subject, .outcome = "done"});
    }));
  }
  void open(const std::string& id, std::int64_t at, const std::string& user = "alice") {
    must(database.change_here([&] {
      return sessions.open(
          {.id = id, .user = user, .from_host = "h", .key_fingerprint = "k", .container = "", .route = "", .at = at});
    }));
  }
  void close(const std::string& id, std::int64_t at) {
    must(database.change_here([&] {
      return sessions.close({.id = id, .at = at, .bytes_from_user = 1, .bytes_from_container = 2, .reason = "logout"});
    }));
  }

  Database database;
  Audit rows{database};
  Sessions sessions{database};
};

struct RecordsWorld {
  RecordsWorld() { must(Nodes(postgres.conninfo(), kPatientRecords).prepare()); }
  void carry_all(Recorder& from, const std::string& node) {
    while (must(records.carry(from.database, node)) == Records::Left::more) {
    }
  }
  void cut() const {
    std::ignore = postgres.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'bastion'");
  }
  [[nodiscard]] std::string count(const std::string& table) const {
    return postgres.ask("SELECT count(*) FROM " + table);
  }

  test::TemporaryFolder folder;
  test::Postgres postgres;
  Records records{postgres.conninfo(), kPatientRecords};
};

}  // namespace

TEST_CASE("fleet: what has happened on every bastion is found in one place, once") {
  RecordsWorld world;
  Recorder one(world.folder / "one.db");
  Recorder two(world.folder / "two.db");
  one.audit(10, "alice");
  two.audit(20, "bob", std::string("nul\0 and \xff", 10));
  one.audit(30, "alice");
  one.open("aaa", 10);
  two.open("bbb", 20, "bob");
  world.carry_all(one, "one");
  world.carry_all(two, "two");
  one.close("aaa", 40);
  world.carry_all(one, "one");
  world.carry_all(one, "one");

  const auto rows = must(world.records.audit({.user = {}, .but_node = {}, .since = 0, .before = {}, .limit = 10}));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].node == "one");
  CHECK(rows[0].entry.at == 30);
  CHECK(rows[1].node == "two");
  CHECK(rows[1].entry.subject == "nul? and ?");
  const auto before =
      must(world.records.audit({.user = {}, .but_node = {}, .since = 0, .before = rows[0], .limit = 1}));
  REQUIRE(before.size() == 1);
  CHECK(before[0].entry.at == 20);
  CHECK(must(world.records.audit({.user = "alice", .but_node = {}, .since = 20, .before = {}, .limit = 10})).size() ==
        1);
  CHECK(must(world.records.audit({.user = {}, .but_node = "one", .since = 0, .before = {}, .limit = 10})).size() == 1);

  const auto sessions =
      must(world.records.sessions({.user = {}, .but_node = {}, .since = 0, .before = {}, .limit = 10}));
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].node == "two");
  CHECK_FALSE(sessions[0].session.closed);
  CHECK(sessions[1].session.opened.id == "aaa");
  REQUIRE(sessions[1].session.closed);
  CHECK(sessions[1].session.closed->at == 40);
  CHECK(
      must(world.records.sessions({.user = "bob", .but_node = "two", .since = 0, .before = {}, .limit = 10})).empty());
}

TEST_CASE("fleet: a bastion that begins anew under the same name leaves what it was before") {
  RecordsWorld world;
  Recorder old(world.folder / "old.db");
  old.audit(10, "alice");
  world.carry_all(old, "one");
  Recorder anew(world.folder / "new.db");
  anew.audit(20, "alice");
  world.carry_all(anew, "one");
  CHECK(world.count("audit_records") == "2\n");
}

TEST_CASE("fleet: records are forgotten with time, of one bastion, and a session that goes on is none of them") {
  RecordsWorld world;
  Recorder one(world.folder / "one.db");
  for (int n = 0; n < 5; ++n) one.audit(n, "alice");
  one.open("aaa", 1);
  one.open("bbb", 1);
  one.close("bbb", 2);
  world.carry_all(one, "one");
  CHECK(must(world.records.forget("two", 100)) == Records::Left::nothing);
  CHECK(world.count("audit_records") == "5\n");
  CHECK(must(world.records.forget("one", 3)) == Records::Left::nothing);
  CHECK(world.count("audit_records") == "2\n");
  CHECK(world.postgres.ask("SELECT id FROM session_records") == "aaa\n");
  // What was carried is not carried again.
  world.carry_all(one, "one");
  CHECK(world.count("audit_records") == "2\n");
}

TEST_CASE("fleet: a courier carries what waited while the fleet's database was away, once") {
  RecordsWorld world;
  const auto file = world.folder / "one.db";
  Recorder one(file);
  one.audit(1, "alice");
  Courier courier(must(Database::open(file, Database::Access::read)), {.conninfo = world.postgres.conninfo(),
                                                                       .node = "one",
                                                                       .version = "1.0",
                                                                       .since = 5,
                                                                       .sessions = [] { return std::int64_t{7}; },
                                                                       .keep_since = [] { return std::int64_t{0}; }});
  must(courier.start());
  const auto comes_to = [&](const std::string& count) {
    while (world.count("audit_records") != count) std::this_thread::yield();
  };
  comes_to("1\n");
  world.postgres.kill();
  for (int n = 0; n < 3 * Records::kBatch; ++n) one.audit(n, "bob", fmt::format("{}", n));
  world.postgres.start();
  comes_to(fmt::format("{}\n", 1 + 3 * Records::kBatch));
  CHECK(world.postgres.ask("SELECT count(DISTINCT subject) FROM audit_records WHERE actor = 'bob'") ==
        fmt::format("{}\n", 3 * Records::kBatch));
  CHECK(world.postgres.ask("SELECT name || version || sessions FROM nodes") == "one1.07\n");
  CHECK_FALSE(courier.is_removed());
  CHECK(must(Nodes(world.postgres.conninfo(), kPatientRecords).remove("one")));
  while (!courier.is_removed()) std::this_thread::yield();
  one.audit(9999, "alice");
  CHECK(must(Nodes(world.postgres.conninfo(), kPatientRecords).readmit("one")));
  comes_to(fmt::format("{}\n", 2 + 3 * Records::kBatch));
}

// Whoever carries is killed and cut off at any time, and two do so at once, as when a process takes over.
TEST_CASE("fleet: what is carried by processes that are killed and cut off is there, once") {
  const char* const wanted = std::getenv("BASTION_FLEET_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 4;
  RecordsWorld world;
  const auto file = world.folder / "one.db";
  Recorder one(file);
  int written = 0;
  for (int round = 0; round < rounds; ++round) {
    for (int n = 0; n < 2 * Records::kBatch; ++n, ++written) {
      one.audit(written, "alice", fmt::format("{}", written));
      one.open(fmt::format("s{}", written), written);
      if (written % 2 == 0) one.close(fmt::format("s{}", written), written);
    }
    std::vector<pid_t> processes;
    for (int n = 0; n < 2; ++n) {
      const auto process = ::fork();
      REQUIRE(process >= 0);
      if (process == 0) {
        auto database = must(Database::open(file, Database::Access::read));
        Records records(world.postgres.conninfo(), kPatientRecords);
        for (;;) {
          const auto left = records.carry(database, "one");
          if (left && *left == Records::Left::nothing) std::_Exit(0);
        }
      }
      processes.push_back(process);
    }
    for (int cut = 0; cut < 5; ++cut) world.cut();
    if (round % 2 == 0) {
      world.postgres.kill();
      world.postgres.start();
    }
    ::kill(processes[0], SIGKILL);
    for (const auto process : processes) REQUIRE(::waitpid(process, nullptr, 0) == process);
  }
  world.carry_all(one, "one");
  const auto all = fmt::format("{}\n", written);
  CHECK(world.count("audit_records") == all);
  CHECK(world.postgres.ask("SELECT count(DISTINCT subject) FROM audit_records") == all);
  CHECK(world.count("session_records") == all);
  CHECK(world.postgres.ask("SELECT count(*) FROM session_records WHERE closed_at IS NOT NULL") ==
        fmt::format("{}\n", written / 2));
}

}  // namespace bastion::store::fleet
