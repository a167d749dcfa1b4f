#include "bastion/server/password_checker.h"

#include <doctest/doctest.h>

#include <optional>

#include "bastion/auth/password_hash.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "store/passwords.h"
#include "tests/support/executors.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"

namespace bastion::server {
namespace {

using test::must;
using Verdict = session::PasswordChecks::Verdict;

struct CheckerWorld : test::SmallWorld {
  std::int64_t alice = user("alice");
  std::string hash = must(auth::hash_of_password("correct horse"));
  std::unique_ptr<loop::Executor> computing = test::executor({.threads = 2, .queue = 8});
  std::unique_ptr<loop::Executor> waiting = test::executor();
  loop::Loop loop;
  std::unique_ptr<PasswordChecker> checker = must(PasswordChecker::open(
      {.directory = {.file = file}, .computing = *computing, .waiting = *waiting}, config::Config{}));

  // One that waits for its answer; the answer comes in its time.
  struct Asked {
    Task<Verdict> task;
    std::optional<Verdict> verdict = std::nullopt;
  };
  std::unique_ptr<Asked> ask(std::string text, std::string from = "10.0.0.1") {
    session::PasswordChecks::Typed typed{.hash = hash, .text = std::move(text), .from_host = std::move(from)};
    auto asked = std::make_unique<Asked>(checker->is_right(loop, std::move(typed)));
    asked->task.start([one = asked.get()] { one->verdict = one->task.take(); });
    return asked;
  }
  Verdict answer(const std::unique_ptr<Asked>& asked) {
    test::run_until(loop, [&] { return asked->verdict.has_value(); });
    return *asked->verdict;
  }
  Result<std::int64_t> change(std::int64_t before, std::string text) {
    session::PasswordChecks::Change wanted{.user = alice,
                                           .name = "alice",
                                           .before = before,
                                           .text = std::move(text),
                                           .from_host = "10.0.0.1",
                                           .session = "id"};
    auto task = checker->change(loop, std::move(wanted));
    bool is_over = false;
    task.start([&] { is_over = true; });
    test::run_until(loop, [&] { return is_over; });
    return task.take();
  }
};

}  // namespace

TEST_CASE("passwords of strangers: right or wrong, on another thread") {
  CheckerWorld world;
  CHECK(must(world.answer(world.ask("correct horse"))));
  CHECK_FALSE(must(world.answer(world.ask("correct horsE"))));
  CHECK_FALSE(must(world.answer(world.ask(""))));
}

TEST_CASE("passwords of strangers: of one source few are looked at at once") {
  CheckerWorld world;
  std::vector<std::unique_ptr<CheckerWorld::Asked>> all;
  for (std::size_t i = 0; i < PasswordChecker::kMostOfOneSource; ++i) all.push_back(world.ask("wrong"));
  const auto more = world.ask("correct horse");
  REQUIRE(more->verdict);
  CHECK_FALSE(more->verdict->has_value());
  CHECK(must(world.answer(world.ask("correct horse", "10.0.0.2"))));
  for (const auto& one : all) CHECK_FALSE(must(world.answer(one)));
  CHECK(must(world.answer(world.ask("correct horse"))));
}

TEST_CASE("passwords of strangers: whoever goes takes no room any more, and an answer that comes later harms nobody") {
  CheckerWorld world;
  for (int i = 0; i < 3; ++i) {
    std::vector<std::unique_ptr<CheckerWorld::Asked>> all;
    for (std::size_t one = 0; one < PasswordChecker::kMostOfOneSource; ++one) all.push_back(world.ask("wrong"));
    all.clear();
    // What had begun goes on, and has its place until it is done.
    test::run_until(world.loop, [&] { return !world.computing->is_busy(); });
  }
  CHECK(must(world.answer(world.ask("correct horse"))));
}

TEST_CASE("passwords of strangers: one is changed by who knows the one before, with a row in the audit") {
  CheckerWorld world;
  must(world.passwords.set(world.alice, world.hash, true, 1));
  const auto before = must(world.passwords.of_user(world.alice))->id;
  const auto row = must(world.change(before, "another horse"));
  const auto now = must(world.passwords.of_user(world.alice)).value();
  CHECK(now.id == row);
  CHECK_FALSE(now.must_change);
  CHECK(must(auth::is_password(now.hash, "another horse")));
  const auto audited = must(world.audit.latest(1)).front();
  CHECK(audited.action == "password change");
  CHECK(audited.actor == "alice");
  CHECK(audited.session == "id");
  CHECK(test::refused(world.change(before, "a third horse")).contains("changed or removed meanwhile"));
  CHECK(must(world.passwords.of_user(world.alice))->id == row);
}

}  // namespace bastion::server
