// A password that users change themselves.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/auth/password_hash.h"
#include "store/passwords.h"
#include "tests/support/own_world.h"
#include "tests/support/recorded_runtime.h"

namespace bastion::admin {

using test::must;
using test::OwnWorld;

namespace {

constexpr std::string_view kMine = "correct horse battery";
constexpr std::string_view kNext = "staple of another kind";

struct PasswordOfOneself : OwnWorld {
  test::RecordedRuntime runtime;
  std::string typed = fmt::format("{}\n{}\n", kMine, kNext);

  PasswordOfOneself() {
    context.me += ",password";
    context.runtime = &runtime;
    context.read_input = [this] { return typed; };
    as_admin("user set alice --auth publickey|password");
    must(store::Passwords(database).set(who.user, must(auth::hash_of_password(kMine)), false, 1));
  }
  store::Password there() { return *must(store::Passwords(database).of_user(who.user)); }
  bool is(std::string_view password) { return must(auth::is_password(there().hash, password)); }
};

}  // namespace

TEST_CASE("me password: whoever gives the one they have gets another one, and their other sessions end") {
  PasswordOfOneself world;
  const auto before = world.there();
  SUBCASE("said once") {}
  SUBCASE("said twice, as at a terminal") { world.typed = fmt::format("{}\r\n{}\r\n{}", kMine, kNext, kNext); }
  CHECK(world.done("me password -") == "you have the new password now; your other sessions end\n");
  CHECK(world.is(kNext));
  CHECK(world.there().id == before.id);  // this session was begun with it, perhaps
  CHECK_FALSE(world.there().must_change);
  CHECK(world.runtime.ended == std::vector<std::string>{"s2"});
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.action == "me password");
  CHECK(row.subject == "alice");
  CHECK_FALSE(row.detail.contains(kNext));
}

TEST_CASE("me password: what changes nothing says why") {
  PasswordOfOneself world;
  struct Row {
    std::string typed;
    std::string_view why;
  };
  const Row rows[] = {
      {fmt::format("wrong\n{}\n", kNext), "this is not the password you have"},
      {fmt::format("{}\n{}\n", kMine, kMine), "the new password is the old one"},
      {fmt::format("{}\nshort\n", kMine), "12 characters at least"},
      {fmt::format("{}\n{}\nanother one here\n", kMine, kNext), "the new passwords differ"},
      {fmt::format("{}\n", kMine), "the new one on the next line"},
      {"", "the new one on the next line"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.typed);
    world.typed = row.typed;
    CHECK(world.is_refused("me password -").contains(row.why));
    CHECK(world.is(kMine));
  }
  CHECK(world.is_refused("me password").contains("give -, and on standard input"));
  CHECK(world.misused("me password in-the-command").contains("give - and type it on standard input"));
}

TEST_CASE("me password: guesses are limited") {
  PasswordOfOneself world;
  const auto right = std::exchange(world.typed, fmt::format("wrong\n{}\n", kNext));
  for (int i = 0; i < store::Passwords::kMostFailures; ++i) {
    CHECK(world.is_refused("me password -").contains("this is not the password you have"));
  }
  world.typed = right;
  CHECK(world.is_refused("me password -").contains("try again in 10 minutes"));
  CHECK(world.is(kMine));
  world.context.now += store::Passwords::kLockedFor;
  world.done("me password -");
  CHECK(world.is(kNext));
}

TEST_CASE("me password: it is for accounts that take one and have one") {
  PasswordOfOneself world;
  SUBCASE("switched off") {
    world.context.me = "container,session";
    CHECK(world.is_refused("me password -").contains("which has no \"password\""));
  }
  SUBCASE("the account takes none") {
    world.as_admin("user set alice --auth publickey");
    CHECK(world.is_refused("me password -") == "your account takes no password: it needs publickey to log in\n");
  }
  SUBCASE("none is set") {
    CHECK(must(store::Passwords(world.database).remove(world.who.user)));
    CHECK(world.is_refused("me password -").contains("ask your administrator for the first one"));
  }
  SUBCASE("the key is limited") {
    const auto key = must(world.keys.of_user(world.who.user)).front().fingerprint;
    world.as_admin("key set alice " + key + " --options restrict");
    CHECK(world.is_refused("me password -").contains("limited by options"));
  }
}

TEST_CASE("me password: at a terminal it is asked for, unless - is given") {
  CHECK(asked_at_terminal({"me", "password"}).size() == 3);
  CHECK(asked_at_terminal({"me", "password", "--json"}).size() == 3);
  CHECK(asked_at_terminal({"me", "password", "-"}).empty());
  CHECK(asked_at_terminal({"me", "password", "--help"}).empty());
  CHECK(asked_at_terminal({"me", "whoami"}).empty());
  CHECK(asked_at_terminal({"password", "set", "alice"}).empty());
}

}  // namespace bastion::admin
