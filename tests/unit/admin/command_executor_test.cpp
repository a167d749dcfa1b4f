#include "bastion/admin/command_executor.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "tests/support/site_world.h"

namespace bastion::admin {
namespace {

using test::must;
using Words = std::vector<std::string>;

// Root and nina are administrators; alice has a session that can be ended.
struct World : test::SiteWorld {
  World() {
    user("alice");
    backend("be1");
    backend("be2");
    container("alice", "web", "be1", "10.0.3.100");
    admin("root");
    admin("nina");
  }

  void admin(std::string_view name) {
    user(name);
    key(name, name);
    grant(name, store::Role::admin);
  }
  void grant(std::string_view name, store::Role role) {
    auto user = must(users.get(name));
    user.role = role;
    must(users.update(user));
  }
  CommandExecutor::Client client(std::string_view name) {
    access::Identity identity{.user = id_of(name), .name = std::string(name), .role = store::Role::admin};
    identity.credential = access::KeyCredential{.key = must(keys.of_user(identity.user)).front().id,
                                                .fingerprint = "SHA256:" + std::string(name)};
    return {.identity = std::move(identity), .from_host = "10.0.0.9"};
  }
  Outcome gives(CommandExecutor& executor, Words words) {
    std::optional<Outcome> outcome;
    executor.run({.words = std::move(words)}, [&](Outcome came) {
      outcome = std::move(came);
      loop.stop();
    });
    loop.run();
    return *std::move(outcome);
  }
  store::Role offered_to = store::Role::user;  // by the last completes()
  Names completes(CommandExecutor& executor, std::string line) {
    Names found;
    executor.names(std::move(line), [&](const Names& names, store::Role role) {
      found = names;
      offered_to = role;
      loop.stop();
    });
    loop.run();
    return found;
  }
};

session::LiveSession in_web() {
  session::LiveSession session;
  session.id = "s1";
  session.user = "alice";
  session.container = "alice/web";
  return session;
}

const Words kMove{"container", "move", "alice/web", "--backend", "be2", "--address", "10.0.3.101", "--kick"};

}  // namespace

TEST_CASE("command executor: a command is run for a client, and answered on the loop") {
  World world;
  CommandExecutor executor(world.loop, world.site, world.client("root"));
  CHECK(world.gives(executor, {"user", "add", "dora"}).out.starts_with("user dora added"));
  CHECK(must(world.users.find("dora")));
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.actor == "root");
  CHECK(row.key_fingerprint == "SHA256:root");
  CHECK(row.from_host == "10.0.0.9");
  CHECK_FALSE(executor.busy());
}

TEST_CASE("command executor: what a command needs of the running bastion is asked first, and what it ends is ended") {
  World world;
  world.runtime.sessions = {in_web()};
  CommandExecutor executor(world.loop, world.site, world.client("root"));
  CHECK(world.gives(executor, kMove).out.contains("1 session ended"));
  CHECK(world.runtime.ended == Words{"s1"});
  CHECK(world.runtime.vacated.size() == 1);
}

TEST_CASE("command executor: a command that has begun has its effect although its executor is gone") {
  World world;
  world.runtime.sessions = {in_web()};
  auto executor = std::make_unique<CommandExecutor>(world.loop, world.site, world.client("root"));
  must(world.database.run("BEGIN IMMEDIATE"));
  executor->run({.words = kMove}, [](const Outcome&) { FAIL("nobody is there to hear of it"); });
  loop::Timer look(world.loop, [&] {
    if (world.changes->counts().running == 1) world.loop.stop();
  });
  look.repeat(std::chrono::milliseconds(1));
  world.loop.run();
  executor.reset();
  must(world.database.run("ROLLBACK"));
  REQUIRE(world.changes->close(std::chrono::seconds(10)));
  CHECK(must(world.audit.latest(1)).front().subject == "alice/web; sessions ended: s1");
  CHECK(world.runtime.ended == Words{"s1"});
}

TEST_CASE("command executor: what is given up is not heard of, although its answer is on its way already") {
  World world;
  CommandExecutor executor(world.loop, world.site, world.client("root"));
  const auto nothing_runs = [&] {
    const auto counts = world.questions->counts();
    return counts.running + counts.queued == 0;
  };
  for (const auto& words : {Words{"session", "list"}, Words{"user", "list"}}) {
    CAPTURE(words);
    // The loop has both to do, one after the other.
    world.loop.post([&] {
      CHECK(executor.give_up());
      world.loop.post([&] { world.loop.stop(); });
    });
    executor.run({.words = words}, [](const Outcome&) { FAIL_CHECK("it was given up"); });
    while (!nothing_runs()) std::this_thread::yield();
    world.loop.run();
    CHECK_FALSE(executor.busy());
  }
  CHECK(world.runtime.asked == 0);
}

TEST_CASE(
    "command executor: whoever is no administrator any more gets nothing, and nobody is asked anything for them") {
  World world;
  CommandExecutor executor(world.loop, world.site, world.client("nina"));
  CHECK(world.completes(executor, "user show ").users.size() == 3);
  CHECK(world.offered_to == store::Role::admin);
  world.grant("nina", store::Role::auditor);
  CHECK(world.completes(executor, "user show ").users.size() == 3);
  CHECK(world.offered_to == store::Role::auditor);
  world.runtime.asked = 0;

  world.grant("nina", store::Role::user);
  CHECK(world.completes(executor, "user show ").users.empty());
  CHECK(world.offered_to == store::Role::user);
  CHECK(world.gives(executor, {"session", "list"}).err.contains("administrator role was removed"));
  CHECK(world.gives(executor, {"user", "add", "dora"}).status == Status::refused);
  world.grant("nina", store::Role::admin);
  must(world.users.disable(world.id_of("nina"), test::SmallWorld::kNow));
  CHECK(world.gives(executor, kMove).status == Status::refused);
  CHECK(world.runtime.asked == 0);
  CHECK(world.runtime.ended.empty());
}

TEST_CASE("command executor: who came for what is about themselves gives nothing else, whatever they may elsewhere") {
  World world;
  for (const auto role : {store::Role::user, store::Role::admin}) {
    world.grant("nina", role);
    auto client = world.client("nina");
    client.door = CommandExecutor::Door::own;
    client.session = "s2";
    CommandExecutor executor(world.loop, world.site, client);
    CHECK(world.gives(executor, {"me", "whoami"}).out.starts_with("nina, from 10.0.0.9"));
    CHECK(world.gives(executor, {"user", "list"}).err == "user list is for administrators\n");
    CHECK(world.gives(executor, {"session", "kill", "s1"}).err == "session kill is for administrators\n");
    // Sessions of others are nobody's to end or to name.
    world.runtime.sessions = {in_web()};
    CHECK(world.gives(executor, {"me", "session", "kill", "s1"}).err == "you have no session s1\n");
    const auto names = world.completes(executor, "session kill ");
    CHECK(names.sessions.empty());
    CHECK(names.users.empty());
    CHECK(names.containers.empty());
  }
  CHECK(world.runtime.ended.empty());
}

}  // namespace bastion::admin
