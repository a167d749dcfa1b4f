#include "store/fleet/replica.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "store/fleet/follower.h"
#include "store/statement.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::store::fleet {
namespace {

using test::must;
using test::refused;

// The directory of one bastion of the fleet.
struct Copy {
  Copy(const std::filesystem::path& file, const std::string& conninfo, const std::string& node)
      : Copy(file, std::make_unique<Replica>(ChangeLog(conninfo), node)) {}
  Copy(const std::filesystem::path& file, std::unique_ptr<Replica> by)
      : database(must(Database::open(file, Database::Access::create))), replica(*by) {
    database.replicate_by(std::move(by));
  }

  Result<std::int64_t> add_user(const std::string& name) {
    return database.change([&] { return users.add(name, Role::user, 1); });
  }
  [[nodiscard]] bool has_user(const std::string& name) { return must(users.find(name)).has_value(); }

  Database database;
  Replica& replica;  // the database's
  Users users{database};
  Keys keys{database};
  Backends backends{database};
  Containers containers{database};
  Shares shares{database};
};

struct FleetWorld {
  FleetWorld() {
    ChangeLog log(postgres.conninfo());
    must(log.prepare());
  }
  std::unique_ptr<Copy> copy(const std::string& node) {
    return std::make_unique<Copy>(folder / (node + ".db"), postgres.conninfo(), node);
  }

  test::TemporaryFolder folder;
  test::Postgres postgres;
};

// All that the copies have in common, as text.
std::string dump(Database& database) {
  std::string all;
  for (const auto* sql :
       {"SELECT quote(id) || quote(name) || quote(role) || quote(disabled_at) FROM users ORDER BY id",
        "SELECT quote(id) || quote(user) || quote(blob) || quote(options) FROM user_keys ORDER BY id",
        "SELECT quote(id) || quote(name) || quote(via) || quote(state) FROM backends ORDER BY id",
        "SELECT quote(id) || quote(name) || quote(owner) || quote(backend) || quote(address) || "
        "quote(is_default) FROM containers ORDER BY id",
        "SELECT quote(container) || quote(user) FROM shares ORDER BY container, user",
        "SELECT quote(id) || quote(backend) || quote(address) || quote(blob) FROM host_keys ORDER BY id",
        "SELECT name || seq FROM sqlite_sequence ORDER BY name",
        "SELECT quote(number) || quote(entry) FROM fleet_position"}) {
    for (const auto& row : must(Statement(database, sql).all([](const Row& each) { return each.text(0); }, {}))) {
      all += row + "\n";
    }
    all += "--\n";
  }
  return all;
}

}  // namespace

TEST_CASE("fleet: every table is what all have in common, or of one bastion") {
  const std::set<std::string> local{
      "accepted_identities", "audit",       "audit_chain",   "fleet_position", "key_uses",
      "penalties",           "permissions", "record_origin", "sessions",       "sqlite_sequence"};
  std::set<std::string> shared;
  for (const auto* table : Replica::shared_tables()) shared.insert(table);
  test::SmallWorld world;
  const auto tables = must(Statement(world.database, "SELECT name FROM sqlite_schema WHERE type = 'table'")
                               .all([](const Row& row) { return row.text(0); }, {}));
  for (const auto& table : tables) {
    CAPTURE(table);
    CHECK(shared.contains(table) != local.contains(table));
  }
  CHECK(tables.size() == shared.size() + local.size());
}

TEST_CASE("fleet: what one bastion changes the others have") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->add_user("alice"));
  CHECK_FALSE(two->has_user("alice"));
  must(two->add_user("bob"));
  CHECK(two->has_user("alice"));
  must(one->replica.catch_up(one->database));
  CHECK(dump(one->database) == dump(two->database));
  CHECK(must(Replica::position_of(one->database)).number == 2);
}

TEST_CASE("fleet: who is second finds what the first one has left") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  int runs = 0;
  const auto added = two->database.change([&] {
    if (++runs == 1) must(one->add_user("alice"));
    return two->users.add("alice", Role::user, 1);
  });
  CHECK(runs == 2);
  CHECK(refused(added).contains("alice"));
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet: a removal takes with it what the same removal takes elsewhere") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  const auto alice = must(one->add_user("alice"));
  must(one->database.change([&] {
    return one->keys.add(alice, {.blob = test::blob("A"), .fingerprint = "SHA256:A", .comment = {}, .added_at = 1});
  }));
  must(two->replica.catch_up(two->database));
  const auto key = must(two->keys.of_user(alice)).front().id;
  must(two->database.change_here([&] { return two->keys.mark_used(key, 7); }));
  CHECK(must(two->keys.of_user(alice)).front().last_used_at == 7);
  CHECK_FALSE(must(one->keys.of_user(alice)).front().last_used_at);
  must(one->database.change([&] { return one->users.remove(alice); }));
  must(two->replica.catch_up(two->database));
  CHECK(must(Statement(two->database, "SELECT count(*) FROM key_uses")
                 .first([](const Row& row) { return row.number(0); }, {})) == 0);
  must(two->database.check_integrity());
  CHECK(dump(one->database) == dump(two->database));
}

TEST_CASE("fleet: what is only of one bastion goes through no log") {
  FleetWorld world;
  const auto one = world.copy("one");
  world.postgres.stop();
  Audit audit(one->database);
  const AuditEntry row{.at = 1, .actor = "a", .action = "b", .subject = "c", .outcome = "d"};
  must(one->database.change([&] { return audit.add(row); }));
  CHECK(refused(one->add_user("alice")).starts_with("the fleet's database cannot be reached: "));
  world.postgres.start();
  must(one->add_user("alice"));
}

TEST_CASE("fleet: a log that is another one is not followed") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  must(one->add_user("bob"));
  SUBCASE("it has begun anew") {
    REQUIRE(world.postgres.ask("UPDATE change_log SET id = 'x' WHERE number = 2 RETURNING number").starts_with("2"));
    CHECK(refused(one->add_user("carol")) == "the fleet's log is another one than this bastion has followed");
  }
  SUBCASE("it has lost its end") {
    REQUIRE(world.postgres.ask("DELETE FROM change_log WHERE number = 2 RETURNING number").starts_with("2"));
    CHECK(refused(one->add_user("carol")) == "the fleet's log has no entry 2, which this bastion has");
  }
  SUBCASE("it has lost what this bastion needs") {
    REQUIRE(world.postgres.ask("DELETE FROM change_log WHERE number = 1 RETURNING number").starts_with("1"));
    const auto two = world.copy("two");
    CHECK(refused(two->add_user("carol")) == "the fleet's log no longer has entry 1");
  }
  CHECK_FALSE(one->has_user("carol"));
}

TEST_CASE("fleet: a bastion that has a directory begins the log with it, and nobody after it") {
  FleetWorld world;
  test::SmallWorld alone;
  alone.user("alice");
  alone.key("alice", "A");
  alone.backend("be1");
  alone.default_container("alice", "web", "be1", "10.0.3.5");
  Copy one(alone.file, world.postgres.conninfo(), "one");
  must(one.replica.found(one.database));
  CHECK(refused(one.replica.found(one.database)) == "this bastion follows a fleet's log already");
  const auto two = world.copy("two");
  CHECK(refused(two->replica.found(two->database)) == "there is nothing in this bastion's directory to begin with");
  must(two->replica.catch_up(two->database));
  CHECK(dump(one.database) == dump(two->database));
  must(two->database.check_integrity());
  test::SmallWorld other;
  other.user("bob");
  Copy three(other.file, world.postgres.conninfo(), "three");
  CHECK(refused(three.replica.found(three.database)) == "another bastion has begun the fleet's log");
  CHECK(three.has_user("bob"));
  must(one.add_user("carol"));
}

TEST_CASE("fleet: what a newer program has written is not applied") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->add_user("alice"));
  REQUIRE(world.postgres.ask("UPDATE change_log SET schema = 999 RETURNING number").starts_with("1"));
  CHECK(refused(two->add_user("bob")).starts_with("one has changed the directory with a newer program (version 999;"));
  CHECK_FALSE(two->has_user("bob"));
}

TEST_CASE("fleet: who follows has each change without asking for one, also after the log was away") {
  FleetWorld world;
  const auto one = world.copy("one");
  must(one->add_user("alice"));
  const auto file = world.folder / "two.db";
  std::atomic<int> applied = 0;
  Follower follower(must(Database::open(file, Database::Access::create)), ChangeLog(world.postgres.conninfo()), "two",
                    [&] { ++applied; });
  must(follower.start());
  const auto comes_to = [&](std::int64_t number) {
    while (follower.state().number < number || !follower.state().is_current) std::this_thread::yield();
    return follower.state().number == number;
  };
  CHECK(comes_to(1));
  must(one->add_user("bob"));
  CHECK(comes_to(2));
  world.postgres.kill();
  world.postgres.start();
  must(one->add_user("carol"));
  CHECK(comes_to(3));
  auto read = must(Database::open(file, Database::Access::read));
  CHECK(dump(read) == dump(one->database));
  CHECK(applied >= 2);
}

namespace {

// All of them have come as far as the log, and are equal.
void must_be_equal(FleetWorld& world, const std::vector<std::string>& nodes) {
  std::string first;
  for (const auto& node : nodes) {
    const auto copy = world.copy(node);
    must(copy->replica.catch_up(copy->database));
    must(copy->database.check_integrity());
    const auto all = dump(copy->database);
    if (first.empty()) first = all;
    CHECK(all == first);
  }
}

// One bastion of the test below: changes whatever it likes, each time with a user whose name nobody else gives, and
// writes down what it was told of it.
void change_at_random(const std::filesystem::path& folder, const std::string& conninfo, const std::string& node,
                      unsigned seed, int changes) {
  Copy copy(folder / (node + ".db"), conninfo, node);
  std::ofstream told(folder / (node + ".told"), std::ios::app);
  std::mt19937 random(seed);
  const auto any = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
  for (int n = 0; n < changes; ++n) {
    const auto mark = fmt::format("{}-{}-{}", node, seed, n);
    const auto kind = any(6);
    const auto which = any(1000);
    const auto changed = copy.database.change([&]() -> Result<> {
      auto made = copy.users.add(mark, Role::user, 1);
      if (!made) return std::unexpected(made.error());
      const auto others = must(copy.users.all());
      const auto& other = others[which % others.size()];
      if (kind == 0) {
        return copy.keys.add(other.id, {.blob = test::blob(mark), .fingerprint = mark, .comment = {}, .added_at = 1});
      }
      if (kind == 1 && other.name.starts_with("gone-")) return copy.users.remove(other.id);
      if (kind == 2) {
        auto gone = copy.users.add("gone-" + mark, Role::user, 1);
        if (!gone) return std::unexpected(gone.error());
        return copy.keys.add(*gone, {.blob = test::blob(mark), .fingerprint = mark, .comment = {}, .added_at = 1});
      }
      if (kind == 3) {
        Backend backend;
        backend.name = fmt::format("b{}", which % 7);
        backend.host = "h";
        backend.account = "hop";
        if (const auto known = must(copy.backends.find(backend.name))) return copy.backends.remove(known->id);
        auto added = copy.backends.add(backend);
        return added ? Result<>{} : std::unexpected(added.error());
      }
      if (kind == 4) return fail("changed my mind");
      return {};
    });
    told << (changed                                                                         ? "done "
             : changed.error().text.ends_with("it is not known whether the change was made") ? "unknown "
                                                                                             : "refused ")
         << mark << std::endl;
  }
}

}  // namespace

TEST_CASE(
    "fleet: three bastions change at random, are cut off and killed: the copies are equal, and what was told is true") {
  const char* const wanted = std::getenv("BASTION_FLEET_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 4;
  FleetWorld world;
  const std::vector<std::string> nodes{"one", "two", "three"};
  std::mt19937 random(static_cast<unsigned>(rounds));
  for (int round = 0; round < rounds; ++round) {
    std::vector<pid_t> processes;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      const auto process = ::fork();
      REQUIRE(process >= 0);
      if (process == 0) {
        change_at_random(world.folder / "", world.postgres.conninfo(), nodes[n],
                         static_cast<unsigned>(round * 10) + static_cast<unsigned>(n), 40);
        std::_Exit(0);
      }
      processes.push_back(process);
    }
    for (int cut = 0; cut < 3; ++cut) {
      std::ignore = world.postgres.ask(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'bastion'");
      if (cut == 1 && round % 2 == 0) {
        world.postgres.kill();
        world.postgres.start();
      }
    }
    ::kill(processes[random() % processes.size()], SIGKILL);
    for (const auto process : processes) REQUIRE(::waitpid(process, nullptr, 0) == process);
    must_be_equal(world, nodes);
  }
  const auto copy = world.copy(nodes.front());
  std::map<std::string, int> answers;
  for (const auto& node : nodes) {
    std::ifstream told(world.folder / (node + ".told"));
    for (std::string answer, mark; told >> answer >> mark;) {
      ++answers[answer];
      CAPTURE(mark);
      if (answer == "done") CHECK(copy->has_user(mark));
      if (answer == "refused") CHECK_FALSE(copy->has_user(mark));
    }
  }
  CHECK(answers["done"] > 0);
  CHECK(answers["refused"] > 0);
  MESSAGE(answers["done"], " done, ", answers["refused"], " refused, ", answers["unknown"], " not known");
}

}  // namespace bastion::store::fleet
