#include "store/fleet/nodes.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "store/fleet/change_log.h"
#include "store/fleet/messages.h"
#include "store/fleet/responder.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::store::fleet {
namespace {

using test::must;
using test::refused;

constexpr std::chrono::seconds kPatient{20};
constexpr std::chrono::milliseconds kImpatient{300};

struct NodesWorld {
  NodesWorld() { must(nodes.prepare()); }

  void is_there(const std::string& name) {
    REQUIRE(must(nodes.beat(name, {.version = "1.0", .schema = 17, .number = 0, .sessions = 3, .since = 5})) ==
            Nodes::Standing::member);
  }
  // As if it had said nothing for a long time.
  void falls_silent(const std::string& name) {
    REQUIRE(postgres.ask("UPDATE nodes SET seen_at = now() - interval '1 hour' WHERE name = '" + name +
                         "' RETURNING name") == name + "\n");
  }
  void cut() const {
    std::ignore = postgres.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'bastion'");
  }
  [[nodiscard]] Messages messages(const std::string& node, std::chrono::milliseconds patience = kPatient) const {
    return {postgres.conninfo(), node, patience};
  }

  test::Postgres postgres;
  Nodes nodes{postgres.conninfo(), kPatient};
};

}  // namespace

TEST_CASE("fleet: every bastion is known by what it last said of itself") {
  NodesWorld world;
  CHECK(must(world.nodes.all()).empty());
  world.is_there("two");
  world.is_there("one");
  REQUIRE(world.postgres
              .ask("INSERT INTO change_log (number, id, node, schema, changeset) VALUES (3, 'x', 'two', 1, '')"
                   " RETURNING number")
              .starts_with("3"));
  world.cut();
  must(world.nodes.beat("two", {.version = "1.1", .schema = 18, .number = 2, .sessions = 4, .since = 6}));
  world.falls_silent("one");
  const auto all = must(world.nodes.all());
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "one");
  CHECK_FALSE(all[0].is_there);
  CHECK(all[0].behind == 3);
  CHECK(all[1].last.version == "1.1");
  CHECK(all[1].last.schema == 18);
  CHECK(all[1].last.number == 2);
  CHECK(all[1].last.sessions == 4);
  CHECK(all[1].last.since == 6);
  CHECK(all[1].behind == 1);
  CHECK(all[1].is_there);
  CHECK(all[1].seen_at - all[0].seen_at >= 3599);  // an hour, of seconds that are cut off
}

TEST_CASE("fleet: who was removed changes nothing, is not there and is asked nothing") {
  NodesWorld world;
  world.is_there("one");
  world.is_there("two");
  CHECK_FALSE(must(world.nodes.remove("nobody")));
  CHECK(must(world.nodes.remove("two")));
  CHECK_FALSE(must(world.nodes.remove("two")));
  CHECK(must(world.nodes.beat("two", {})) == Nodes::Standing::removed);
  CHECK(must(world.nodes.all())[1].removed_at.has_value());
  CHECK(must(world.nodes.all())[1].last.sessions == 3);
  ChangeLog log(world.postgres.conninfo());
  const Entry entry{.number = 1, .id = "a", .node = "two", .schema = 1, .changeset = {1}};
  CHECK(refused(log.append(entry, "")) == "this bastion was removed from the fleet: two changes nothing any more");
  CHECK(world.postgres.ask("SELECT count(*) FROM change_log") == "0\n");
  auto one = world.messages("one");
  auto two = world.messages("two");
  CHECK(must(one.ask("?", std::nullopt)).silent.empty());
  CHECK(refused(one.ask("?", "two")) == "there is no bastion two in the fleet");
  CHECK(refused(two.ask("?", "one")) ==
        "this bastion was removed from the fleet: two is asked nothing, and asks nobody");
  CHECK(must(world.nodes.readmit("two")));
  world.is_there("two");
  CHECK(must(log.append(entry, "")) == ChangeLog::Appended::yes);
}

TEST_CASE("fleet: a question to all has an answer of each that is there, and names who has not answered") {
  NodesWorld world;
  for (const auto* name : {"one", "two", "three", "gone"}) world.is_there(name);
  world.falls_silent("gone");
  const auto tell = [](const std::string& name) {
    return [name](const NodeQuestion& question, const Responder::Reply& reply) {
      reply(name + " to " + question.sender + ": " + question.text);
    };
  };
  Responder two(world.postgres.conninfo(), "two", tell("two"));
  must(two.start());
  auto one = world.messages("one");
  SUBCASE("all that are there answer") {
    Responder three(world.postgres.conninfo(), "three", tell("three"));
    must(three.start());
    const auto found = must(one.ask("how?", std::nullopt));
    REQUIRE(found.answers.size() == 2);
    CHECK((found.answers[0].text == "two to one: how?" || found.answers[1].text == "two to one: how?"));
    CHECK(found.silent == std::vector<std::string>{"gone"});
  }
  SUBCASE("one that is there does not") {
    auto hasty = world.messages("one", kImpatient);
    const auto found = must(hasty.ask("how?", std::nullopt));
    CHECK(found.silent == std::vector<std::string>{"gone", "three"});
  }
  SUBCASE("one of them is asked") {
    const auto found = must(one.ask("you?", "two"));
    REQUIRE(found.answers.size() == 1);
    CHECK(found.answers[0].node == "two");
    CHECK(found.silent.empty());
    CHECK(world.postgres.ask("SELECT count(*) FROM node_messages") == "0\n");
  }
  SUBCASE("connections are cut between questions") {
    for (int n = 0; n < 5; ++n) {
      world.cut();
      CHECK(must(one.ask("again?", "two")).answers.size() == 1);
    }
  }
}

TEST_CASE("fleet: a question waits for who was away, and no longer than it lives") {
  NodesWorld world;
  world.is_there("one");
  world.is_there("two");
  world.falls_silent("two");
  auto one = world.messages("one");
  CHECK(must(one.ask("end x", std::nullopt)).silent == std::vector<std::string>{"two"});
  auto two = world.messages("two");
  const auto waiting = must(two.unanswered());
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].text == "end x");
  CHECK(must(world.messages("one").unanswered()).empty());
  must(two.answer(waiting[0].id, "done"));
  must(two.answer(waiting[0].id, "done"));
  CHECK(must(two.unanswered()).empty());
  must(one.forget_old());
  CHECK(world.postgres.ask("SELECT count(*) FROM node_messages") == "1\n");
  must(one.ask("end y", std::nullopt));
  REQUIRE(world.postgres.ask("UPDATE node_messages SET at = now() - interval '2 minutes' RETURNING 1") == "1\n1\n");
  CHECK(must(two.unanswered()).empty());
  must(one.forget_old());
  CHECK(world.postgres.ask("SELECT count(*) FROM node_messages") == "0\n");
  must(two.answer(waiting[0].id, "too late"));
}

TEST_CASE("fleet: a question that is too long is refused") {
  const NodesWorld world;
  auto one = world.messages("one");
  CHECK(refused(one.ask(std::string(Messages::kLongestQuestion + 1, 'x'), std::nullopt)) ==
        "this is too long for another bastion to be asked");
}

TEST_CASE("fleet: a responder ends at once, whatever it waits for, and what is replied afterwards harms nobody") {
  NodesWorld world;
  world.is_there("one");
  world.is_there("two");
  Responder::Reply late;
  std::atomic<bool> asked = false;
  {
    Responder two(world.postgres.conninfo(), "two", [&](const NodeQuestion&, Responder::Reply reply) {
      late = std::move(reply);
      asked = true;
    });
    must(two.start());
    auto one = world.messages("one", kImpatient);
    while (!asked) CHECK(must(one.ask("?", "two")).silent == std::vector<std::string>{"two"});
    world.postgres.kill();
  }
  late("nobody hears it");
}

}  // namespace bastion::store::fleet
