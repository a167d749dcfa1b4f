#include "store/writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/busy.h"
#include "store/statement.h"
#include "store/users.h"
#include "tests/support/failing_disk.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::must;
using test::refused;
using test::SmallWorld;

SessionOpened opened(const std::string& id) {
  return {.id = id,
          .user = "alice",
          .from_host = "10.0.0.1",
          .key_fingerprint = "SHA256:A",
          .container = "alice/web",
          .route = "be1",
          .at = 10};
}

Writer::Presented shown(std::string_view key) {
  return {.blob = blob(key), .fingerprint = "SHA256:" + std::string(key), .at = 10};
}

Result<std::vector<HostKey>> learn(Writer& writer, const HostKeyOwner& owner, std::string_view key) {
  std::promise<Result<std::vector<HostKey>>> promise;
  writer.learn_host_key(owner, shown(key),
                        [&](Result<std::vector<HostKey>> learned) { promise.set_value(std::move(learned)); });
  return promise.get_future().get();
}

// A fleet's database that is away for a while.
class Away final : public Replication {
 public:
  explicit Away(const std::atomic<bool>& is_away) : is_away_(is_away) {}

 private:
  void prepare(Database& /*database*/) override {}
  [[nodiscard]] Result<> begin(Database& /*database*/) override { return {}; }
  [[nodiscard]] Result<Verdict> agree(Database& /*database*/) override {
    if (is_away_) return fail("{}: nobody is there", kAwayText);
    return Verdict::commit;
  }
  void end() override {}
  void hurry_when(const std::atomic<bool>& /*hurry*/) override {}

  const std::atomic<bool>& is_away_;
};

}  // namespace

TEST_CASE("writer: what a fleet has in common waits for its database, and nothing else waits for that") {
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  std::atomic<bool> is_away = true;
  auto common = must(Database::open(world.file, Database::Access::change));
  common.replicate_by(std::make_unique<Away>(is_away));
  const auto writer = must(Writer::open(world.file, std::move(common)));
  std::atomic<int> runs = 0;
  writer->change("refused", [&](Database& database) -> Result<> {
    ++runs;
    return HostKeys(database).refuse(owner, blob("R"), 1);
  });
  while (runs == 0) std::this_thread::yield();
  writer->session_opened(opened("l1"));
  Sessions sessions(world.database);
  while (must(sessions.latest(9)).empty()) std::this_thread::yield();
  CHECK(refused(learn(*writer, owner, "K")).starts_with(kAwayText));
  CHECK(must(world.host_keys.of(owner)).empty());
  // A change that is wrong in itself goes, and takes nothing with it.
  writer->change("wrong", [](Database& database) { return database.run("INSERT INTO host_keys (id) VALUES (1)"); });
  while (writer->counts().queued != 2) std::this_thread::yield();
  is_away = false;
  while (writer->counts().queued > 0) std::this_thread::yield();
  CHECK(must(world.host_keys.refused(owner)).has_value());
  CHECK(must(learn(*writer, owner, "K")).front().is_new);
  CHECK(writer->counts().lost == 1);
}

TEST_CASE("what was handed to the writer is written when the writer is gone") {
  SmallWorld world;
  world.user("alice");
  world.key("alice", "A");
  const auto key = must(world.keys.enrolled("alice", blob("A")))->key;
  {
    const auto writer = must(Writer::open(world.file));
    writer->session_opened(opened("l1"));
    writer->session_routed({.id = "l1", .container = "alice/db", .route = "be2"});
    writer->key_used({.key = key, .at = 11});
    writer->audit({.at = 10, .actor = "alice", .action = "login", .subject = "alice/web", .outcome = "ok"});
    writer->session_closed({.id = "l1", .at = 12, .reason = "ok"});
  }
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(9)).front().closed->at == 12);
  CHECK(must(sessions.latest(9)).front().opened.container == "alice/db");
  CHECK(must(world.keys.of_user(world.id_of("alice"))).front().last_used_at == 11);
  CHECK(must(world.audit.latest(9)).front().subject == "alice/web");
}

TEST_CASE("one record that cannot be written does not take the others with it") {
  SmallWorld world;
  {
    const auto writer = must(Writer::open(world.file));
    for (const auto* id : {"l1", "l1", "l2"}) writer->session_opened(opened(id));
  }
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(9)).size() == 2);
}

TEST_CASE("a host key is learned once, and whoever comes second is told the first one") {
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  const auto writer = must(Writer::open(world.file));
  CHECK(must(learn(*writer, owner, "one")).front().blob == blob("one"));
  CHECK(must(learn(*writer, owner, "two")).front().blob == blob("one"));
  CHECK(refused(learn(*writer, HostKeyOwner::of_container(4711), "x")) == "it has just been removed");
}

TEST_CASE("a host key that was learned is one row in the audit, and one that was known already is none") {
  SmallWorld world;
  world.user("alice");
  const auto backend = world.backend("be1");
  const auto container = world.container("alice", "web", "be1", "10.0.3.100");
  const auto writer = must(Writer::open(world.file));
  for (const auto* const key : {"one", "two"}) {
    must(learn(*writer, HostKeyOwner::of_backend(backend), key));
    must(learn(*writer, HostKeyOwner::of_container(container), key));
  }
  const auto rows = must(world.audit.latest(9));
  REQUIRE(rows.size() == 2);
  CHECK(rows.front().subject == "alice/web");
  CHECK(rows.back().subject == "be1");
  for (const auto& row : rows) {
    CHECK(row.action == "learn-host-key");
    CHECK(row.actor == "-");
    CHECK(row.key_fingerprint == "SHA256:one");
    CHECK(row.at == 10);
  }
}

TEST_CASE("whoever waits for a database that stays locked is told that it is busy") {
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  auto writer = must(Writer::open(world.file));
  must(world.database.run("BEGIN IMMEDIATE"));
  std::optional<Result<std::vector<HostKey>>> learned;
  writer->learn_host_key(owner, shown("one"),
                         [&](Result<std::vector<HostKey>> outcome) { learned = std::move(outcome); });
  writer.reset();
  must(world.database.run("ROLLBACK"));
  REQUIRE(learned.has_value());
  REQUIRE_FALSE(learned->has_value());
  CHECK(is_busy(learned->error()));
}

TEST_CASE("records wait while the disk is full, and are written in their order when there is room again") {
  test::FailingDisk disk;
  SmallWorld world;
  Sessions sessions(world.database);
  const auto writer = must(Writer::open(world.file));
  disk.be_full(true);
  writer->session_opened(opened("l1"));
  writer->session_routed({.id = "l1", .container = "alice/db", .route = "be2"});
  while (disk.refused() == 0) std::this_thread::yield();
  writer->session_closed({.id = "l1", .at = 12, .reason = "ok"});  // behind the first ones, which wait already
  writer->change("a change of its own", [](Database& database) -> Result<> {
    const auto added = Users(database).add("zoe", Role::user, 1);
    if (!added) return std::unexpected(added.error());
    return {};
  });
  CHECK(must(sessions.latest(9)).empty());
  disk.be_full(false);
  while (must(sessions.latest(9)).empty()) std::this_thread::yield();
  writer->close();
  const auto rows = must(sessions.latest(9));
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().opened.container == "alice/db");
  CHECK(rows.front().closed);
  CHECK(must(world.users.find("zoe")));
}

TEST_CASE("a damaged page keeps only those from being written who need it") {
  SmallWorld world;
  must(world.database.run("CREATE TABLE damaged (name TEXT) STRICT; PRAGMA wal_checkpoint(TRUNCATE)"));
  const auto roots = must(Statement(world.database, "SELECT rootpage FROM sqlite_schema WHERE name = 'damaged'")
                              .all([](const Row& row) { return row.number(0); }, {}));
  std::fstream(world.file, std::ios::in | std::ios::out | std::ios::binary).seekp((roots.front() - 1) * 4096)
      << std::string(4096, 'x');
  const auto writer = must(Writer::open(world.file));
  writer->session_opened(opened("l1"));
  writer->change("a change", [](Database& database) { return database.run("SELECT * FROM damaged"); });
  writer->session_opened(opened("l2"));
  CHECK(must(learn(*writer, HostKeyOwner::of_backend(world.backend("be1")), "one")).front().is_new);
  writer->close();
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(9)).size() == 2);
}

TEST_CASE("whoever waits for an answer gets one while the disk is full") {
  test::FailingDisk disk;
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  const auto writer = must(Writer::open(world.file));
  disk.be_full(true);
  CHECK(refused(learn(*writer, owner, "one")).ends_with("disk is full"));
  disk.be_full(false);
  CHECK(must(learn(*writer, owner, "two")).front().blob == blob("two"));
}

TEST_CASE("what waits for a full disk has its bound: the first ones stay") {
  test::FailingDisk disk;
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  const auto writer = must(Writer::open(world.file));
  disk.be_full(true);
  for (std::size_t i = 0; i < Writer::kCapacity + 10; ++i) writer->session_opened(opened(std::to_string(i)));
  CHECK(is_busy({refused(learn(*writer, owner, "two"))}));
  disk.be_full(false);
  writer->close();
  Sessions sessions(world.database);
  const auto rows = must(sessions.latest(2 * static_cast<int>(Writer::kCapacity)));
  REQUIRE(rows.size() == Writer::kCapacity);
  CHECK(rows.back().opened.id == "0");
  CHECK(rows.front().opened.id == std::to_string(Writer::kCapacity - 1));
}

TEST_CASE("what is lost with a disk that stays full does not hold up the end") {
  test::FailingDisk disk;
  SmallWorld world;
  const auto writer = must(Writer::open(world.file));
  disk.be_full(true);
  writer->session_opened(opened("l1"));
  writer->close();
  disk.be_full(false);
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(9)).empty());
}

TEST_CASE("records are lazy: a hundred of them do not wait for the disk") {
  const test::FailingDisk disk;
  SmallWorld world;
  const auto writer = must(Writer::open(world.file));
  Sessions sessions(world.database);
  const auto before = disk.syncs();
  for (int i = 0; i < 100; ++i) {
    writer->session_opened(opened(std::to_string(i)));
    while (must(sessions.latest(200)).size() <= static_cast<std::size_t>(i)) std::this_thread::yield();
  }
  CHECK(disk.syncs() - before <= 2);
}

TEST_CASE("what is handed to a writer that was closed is lost, and nobody is harmed") {
  SmallWorld world;
  const auto writer = must(Writer::open(world.file));
  writer->session_opened(opened("l1"));
  writer->close();
  writer->session_opened(opened("l2"));
  writer->close();
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(9)).size() == 1);
}

TEST_CASE("many threads write, and everyone who waits is called") {
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::atomic<int> called = 0;
  {
    const auto writer = must(Writer::open(world.file));
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int number = 0; number < kEach; ++number) {
          writer->session_opened(opened(std::to_string(thread) + "-" + std::to_string(number)));
          writer->learn_host_key(owner, shown("K"),
                                 [&](const Result<std::vector<HostKey>>& learned) { called += learned ? 1 : 0; });
        }
      });
    }
  }
  CHECK(called == kThreads * kEach);
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(1000)).size() == kThreads * kEach);
}

}  // namespace bastion::store
