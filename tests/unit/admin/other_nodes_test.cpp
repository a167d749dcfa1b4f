#include "bastion/admin/other_nodes.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "store/fleet/messages.h"
#include "store/fleet/nodes.h"
#include "store/fleet/responder.h"
#include "tests/support/admin_world.h"
#include "tests/support/postgres.h"
#include "tests/support/recorded_runtime.h"

namespace bastion::admin {
namespace {

using store::fleet::Nodes;
using store::fleet::Place;
using store::fleet::Responder;
using test::must;

struct OthersWorld {
  OthersWorld() {
    must(nodes.prepare());
    for (const auto* name : {"one", "two", "three"}) {
      must(nodes.beat(name, {.version = "1.0", .schema = 1, .number = 0, .sessions = 0, .since = 0}));
    }
  }
  // As a bastion answers that has the entry of the log by then, or has it not.
  enum class Has : std::uint8_t { entry, nothing };
  std::unique_ptr<Responder> answers(const std::string& name, Has has) {
    auto node = std::make_unique<Responder>(
        postgres.conninfo(), name, [this, has](const auto& question, const Responder::Reply& reply) {
          const std::scoped_lock lock(mutex);
          asked = question.text;
          reply(has == Has::entry ? line_of(std::vector<session::LiveSession>{}) : "");
        });
    must(node->start());
    return node;
  }
  void falls_silent(const std::string& name) {
    REQUIRE(postgres.does("UPDATE nodes SET seen_at = now() - interval '1 hour' WHERE name = '" + name + "'"));
  }

  test::Postgres postgres;
  Nodes nodes{postgres.conninfo(), std::chrono::seconds(20)};
  Place fleet{.database = postgres.conninfo(), .node = "one"};
  std::mutex mutex;
  std::string asked;  // guarded by mutex: of who has answered last
};

// Changes that others have are told of as if a fleet had them.
class Numbered final : public store::Replication {
 public:
  explicit Numbered(std::optional<std::int64_t>& number) : number_(number) {}

 private:
  void prepare(store::Database& /*database*/) override {}
  [[nodiscard]] Result<> begin(store::Database& /*database*/) override { return {}; }
  [[nodiscard]] Result<Verdict> agree(store::Database& /*database*/) override { return Verdict::commit; }
  void end() override {}
  void hurry_when(const std::atomic<bool>& /*hurry*/) override {}
  [[nodiscard]] std::optional<std::int64_t> taken_away_at() const override { return number_; }

  std::optional<std::int64_t>& number_;
};

}  // namespace

TEST_CASE("other nodes: those that have not what was taken away are named") {
  OthersWorld world;
  const auto wait = waiting_for_others(world.fleet);
  const auto two = world.answers("two", OthersWorld::Has::entry);
  SUBCASE("all have it") {
    const auto three = world.answers("three", OthersWorld::Has::entry);
    CHECK(wait(7).empty());
    const auto request = node_request_in(world.asked);
    REQUIRE(request);
    CHECK(std::get<NodeEffects>(*request).number == 7);
    CHECK(std::get<NodeEffects>(*request).effects.empty());
    CHECK(carry_out_elsewhere(world.fleet, {.number = 7}).empty());
  }
  SUBCASE("one is behind") {
    const auto three = world.answers("three", OthersWorld::Has::nothing);
    CHECK(wait(7) == "three is behind: it counts there, and ends sessions, when that has caught up");
    CHECK(carry_out_elsewhere(world.fleet, {.number = 7}) == "three has not answered: it may not be done there yet");
  }
  SUBCASE("one is away, which nobody waits for") {
    world.falls_silent("three");
    CHECK(wait(7) == "three has not answered: it counts there, and ends sessions, when that has caught up");
  }
  SUBCASE("one is away, and another one behind") {
    world.falls_silent("three");
    must(world.nodes.beat("four", {.version = "1.0", .schema = 1, .number = 0, .sessions = 0, .since = 0}));
    const auto four = world.answers("four", OthersWorld::Has::nothing);
    CHECK(wait(7) ==
          "three has not answered, four is behind: it counts there, and ends sessions, when that has caught up");
  }
  SUBCASE("nobody can be asked") {
    world.postgres.stop();
    CHECK(wait(7).starts_with("whether it counts at the other bastions yet is not known: "));
  }
}

TEST_CASE("other nodes: where there is no fleet nobody is waited for") { CHECK_FALSE(waiting_for_others({})); }

TEST_CASE("other nodes: every command that takes something away waits for them, and says who has not got it") {
  std::optional<std::int64_t> number;
  test::AdminWorld world;
  world.furnished();
  world.database.replicate_by(std::make_unique<Numbered>(number));
  std::vector<std::int64_t> waited;
  world.context.wait_for_others = [&](std::int64_t entry) {
    waited.push_back(entry);
    return std::string("two is behind");
  };
  CHECK(world.type("user add carol").err.empty());
  CHECK(waited.empty());
  const auto key = world.json("key list alice")[0]["fingerprint"].get<std::string>();
  for (const auto& words :
       std::vector<std::string>{"user disable alice", "key remove alice " + key, "user set bob --max-sessions 1",
                                "user remove carol", "backend set be1 --capacity 3"}) {
    CAPTURE(words);
    number = number.value_or(0) + 1;
    const auto outcome = world.type(words);
    CHECK(outcome.status == Status::done);
    CHECK(outcome.err == "two is behind\n");
    CHECK(waited.size() == static_cast<std::size_t>(*number));
    CHECK(waited.back() == *number);
  }
  // What is refused, and what only reads.
  CHECK_FALSE(world.type("user remove nobody").err.contains("behind"));
  CHECK(world.type("user list").err.empty());
  CHECK(waited.size() == 5);
  // Where the others are told what to do, they answer when they have it.
  test::RecordedRuntime runtime;
  world.context.runtime = &runtime;
  CHECK(world.type("ban add 10.1.0.0/24").err.empty());
  CHECK(runtime.bans_read == 1);
  CHECK(waited.size() == 5);
  CHECK(world.type("user disable bob").err == "two is behind\n");
}

}  // namespace bastion::admin
