#include "bastion/server/key_questions.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "tests/support/small_world.h"

namespace bastion::server {
namespace {

using test::must;
using Then = KeyQuestions::Then;
using std::chrono::milliseconds;
using std::chrono::seconds;

KeyQuestions::Answer some_keys() { return std::make_shared<const access::PrintedKeys>(); }

struct QuestionWorld {
  KeyQuestions questions{seconds(10),
                         {.running = 2, .running_of_one = 1, .waiting = 4, .waiting_of_one = 2, .kept = 3}};
  milliseconds now{0};

  Then ask(const std::string& question, const char* from = nullptr) {
    std::optional<Network> source;
    if (from != nullptr) source = must(Network::parse(from));
    return questions.ask(question, source, now);
  }
  std::string next() { return questions.next().value_or("-"); }
  void over(const std::string& question) { questions.over(question, some_keys(), now); }
};

}  // namespace

TEST_CASE("questions for keys: many ask one, and what was said counts for a moment") {
  QuestionWorld world;
  CHECK(world.ask("a") == Then::waits);
  CHECK(world.ask("a") == Then::waits);
  CHECK(world.next() == "a");
  CHECK(world.next() == "-");
  CHECK(world.ask("a") == Then::waits);
  world.over("a");
  CHECK(world.ask("a") == Then::known);
  CHECK(world.questions.answer("a").has_value());
  world.now = seconds(9);
  CHECK(world.ask("a") == Then::known);
  world.now = seconds(10);
  CHECK(world.ask("a") == Then::waits);
  CHECK(world.next() == "a");
}

TEST_CASE("questions for keys: so many at a time, and of one source fewer") {
  QuestionWorld world;
  CHECK(world.ask("a", "192.0.2.1") == Then::waits);
  CHECK(world.ask("b", "192.0.2.1") == Then::waits);
  CHECK(world.ask("c", "192.0.2.1") == Then::refuse_source);
  CHECK(world.ask("d", "192.0.2.2") == Then::waits);
  CHECK(world.next() == "a");
  CHECK(world.next() == "d");
  CHECK(world.next() == "-");
  world.over("d");
  CHECK(world.next() == "-");  // b is of the source of a
  CHECK(world.ask("e") == Then::waits);
  CHECK(world.next() == "e");
  world.over("a");
  CHECK(world.next() == "b");
  // Nobody in particular: as many as there may be at all.
  for (const auto* const question : {"1", "2", "3", "4"}) CHECK(world.ask(question) == Then::waits);
  CHECK(world.ask("5") == Then::refuse);
  CHECK(world.ask("1") == Then::waits);
}

TEST_CASE("questions for keys: so many answers are kept, and the oldest goes first") {
  QuestionWorld world;
  for (const auto* const question : {"a", "b", "c", "d", "e"}) {
    CHECK(world.ask(question) == Then::waits);
    CHECK(world.next() == question);
    world.over(question);
  }
  CHECK(world.ask("e") == Then::known);
  CHECK(world.questions.size() == 3);
  CHECK(world.ask("a") == Then::waits);
  world.now = seconds(60);
  CHECK(world.next() == "a");
  world.over("a");
  CHECK(world.ask("b") == Then::waits);
  CHECK(world.questions.size() == 2);
}

}  // namespace bastion::server
