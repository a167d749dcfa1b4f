// What `top` asks, draws and ends, with a terminal that reads or does not.
#include "bastion/admin/top.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/site_world.h"

namespace bastion::admin {
namespace {

using test::must;

// Alice is in her container, and root looks on.
struct TopWorld : test::SiteWorld {
  TopWorld() {
    user("alice");
    user("root");
    key("root", "root");
    grant(store::Role::admin);
    session::LiveSession live;
    live.id = "s1";
    live.user = "alice";
    runtime.sessions = {live};
    Activity activity;
    activity.bastion = "gate";
    activity.process = "gate-1";
    activity.sessions = {live};
    runtime.activities.parts = {activity};
  }

  void grant(store::Role role) {
    auto root = must(users.get("root"));
    root.role = role;
    must(users.update(root));
  }
  CommandExecutor::Client client() {
    access::Identity identity{.user = id_of("root"), .name = "root", .role = store::Role::admin};
    identity.credential =
        access::KeyCredential{.key = must(keys.of_user(identity.user)).front().id, .fingerprint = "SHA256:root"};
    return {.identity = std::move(identity), .from_host = "10.0.0.9"};
  }
  [[nodiscard]] Top::Viewer viewer() {
    return {.write =
                [this](std::string_view text) {
                  drawn += text;
                  if (awaited.empty() || !drawn.contains(awaited)) return;
                  awaited.clear();
                  loop.stop();
                },
            .has_room = [this] { return has_room; },
            .on_over =
                [this](const Outcome& outcome) {
                  over = outcome;
                  loop.stop();
                }};
  }
  // Until it has been drawn, or all is over.
  void await(std::string text) {
    awaited = std::move(text);
    drawn.clear();
    loop.run();
  }

  bool has_room = true;
  std::string drawn;
  std::string awaited;
  std::optional<Outcome> over;
};

struct TopAtWork {
  explicit TopAtWork(TopWorld& world)
      : executor(world.loop, world.site, world.client()),
        top(world.loop, executor, {}, {.columns = 80, .rows = 24}, world.viewer()) {
    top.start();
    world.await("alice");
  }
  [[nodiscard]] bool type(std::string_view keys) { return top.type(keys); }

  CommandExecutor executor;
  Top top;
};

}  // namespace

TEST_CASE(
    "top: a terminal that reads nothing is written nothing, however many keys and sizes come, and then one screen") {
  TopWorld world;
  TopAtWork at_work(world);
  world.has_room = false;
  world.drawn.clear();
  for (int i = 0; i < 1'000; ++i) {
    CHECK(at_work.type("\x0cjs\t"));
    at_work.top.resize({.columns = 200, .rows = 50});
  }
  CHECK(world.drawn.empty());
  const auto asked = world.runtime.asked;
  world.has_room = true;
  at_work.top.on_room();
  CHECK(world.drawn.contains("alice"));
  CHECK(world.drawn.size() < 10'000);
  CHECK(world.runtime.asked == asked);
}

TEST_CASE("top: a session is ended by the command for it, which says so on the screen") {
  TopWorld world;
  TopAtWork at_work(world);
  CHECK(at_work.type("K"));
  CHECK(world.drawn.contains("End session s1 of alice"));
  CHECK(world.runtime.ended.empty());
  CHECK(at_work.type("y"));
  world.await("session s1 ended");
  CHECK(world.runtime.ended == std::vector<std::string>{"s1"});
  CHECK(must(world.audit.latest(1)).front().action == "session kill");
}

TEST_CASE("top: whoever leaves behind a yes has the session ended, unless they will not wait for it") {
  TopWorld world;
  TopAtWork at_work(world);
  CHECK(at_work.type("K"));
  CHECK(at_work.type("yq"));
  CHECK(world.drawn.contains("once more leaves without waiting"));
  world.await("");
  REQUIRE(world.over.has_value());
  CHECK(world.over->out == "session s1 ended\n");
  CHECK(world.runtime.ended == std::vector<std::string>{"s1"});

  TopWorld another;
  TopAtWork impatient(another);
  CHECK(impatient.type("K"));
  CHECK(impatient.type("y"));
  CHECK(impatient.type("q"));
  CHECK_FALSE(impatient.type("q"));
}

TEST_CASE("top: one that has gone meanwhile is said to be gone") {
  TopWorld world;
  TopAtWork at_work(world);
  world.runtime.sessions.clear();
  CHECK(at_work.type("K"));
  CHECK(at_work.type("y"));
  world.await("s1");
  CHECK(world.runtime.ended.empty());
  CHECK_FALSE(world.drawn.contains("session s1 ended"));
}

TEST_CASE("top: whoever has no role any more is told so, and that was it") {
  TopWorld world;
  TopAtWork at_work(world);
  world.grant(store::Role::user);
  world.await("");
  REQUIRE(world.over.has_value());
  CHECK(world.over->status != Status::done);
  CHECK_FALSE(world.over->err.empty());
}

}  // namespace bastion::admin
