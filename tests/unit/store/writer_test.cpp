#include "store/writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/busy.h"
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

Result<HostKey> learn(Writer& writer, const HostKeyOwner& owner, std::string_view key) {
  std::promise<Result<HostKey>> promise;
  writer.learn_host_key(owner, blob(key), 10, [&](Result<HostKey> learned) { promise.set_value(std::move(learned)); });
  return promise.get_future().get();
}

}  // namespace

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
  CHECK(must(learn(*writer, owner, "one")).blob == blob("one"));
  CHECK(must(learn(*writer, owner, "two")).blob == blob("one"));
  CHECK(refused(learn(*writer, HostKeyOwner::of_container(4711), "x")) == "it has just been removed");
}

TEST_CASE("whoever waits for a database that stays locked is told that it is busy") {
  SmallWorld world;
  const auto owner = HostKeyOwner::of_backend(world.backend("be1"));
  auto writer = must(Writer::open(world.file));
  must(world.database.run("BEGIN IMMEDIATE"));
  std::optional<Result<HostKey>> learned;
  writer->learn_host_key(owner, blob("one"), 10, [&](Result<HostKey> outcome) { learned = std::move(outcome); });
  writer.reset();
  must(world.database.run("ROLLBACK"));
  REQUIRE(learned.has_value());
  REQUIRE_FALSE(learned->has_value());
  CHECK(is_busy(learned->error()));
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
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int number = 0; number < kEach; ++number) {
          writer->session_opened(opened(std::to_string(thread) + "-" + std::to_string(number)));
          writer->learn_host_key(owner, blob("K"), 10,
                                 [&](const Result<HostKey>& learned) { called += learned ? 1 : 0; });
        }
      });
    }
  }
  CHECK(called == kThreads * kEach);
  Sessions sessions(world.database);
  CHECK(must(sessions.latest(1000)).size() == kThreads * kEach);
}

}  // namespace bastion::store
