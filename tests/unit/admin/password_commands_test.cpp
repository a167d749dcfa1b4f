// The commands about passwords.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/admin/commands/run.h"
#include "bastion/auth/password_hash.h"
#include "store/passwords.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::must;

struct PasswordsOfUsers : AdminWorld {
  Result<std::string> typed = fail("there is no standard input");

  PasswordsOfUsers() {
    furnished();
    context.read_input = [this] { return typed; };
  }
  std::optional<store::Password> of_alice() {
    return must(store::Passwords(database).of_user(must(users.get("alice")).id));
  }
};

}  // namespace

TEST_CASE("password: what was typed is stored as its hash, and stands nowhere else") {
  PasswordsOfUsers world;
  world.typed = "correct horse\n";
  CHECK(world.done("password set alice -") ==
        "user alice has this password now, and has to choose another one at the first login\n");
  const auto stored = world.of_alice();
  REQUIRE(stored);
  CHECK(must(auth::is_password(stored->hash, "correct horse")));
  CHECK(stored->must_change);
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.action == "password set");
  CHECK(row.subject == "alice");
  CHECK(row.detail.empty());
  CHECK(world.json("password show alice")["state"] == "has to be changed");
  CHECK(world.done("password set alice - --keep") == "user alice has this password now\n");
  CHECK(world.of_alice()->id != stored->id);
  CHECK(world.json("password show alice")["state"] == "set");
}

TEST_CASE("password: one that is made is shown once") {
  PasswordsOfUsers world;
  const auto made = world.json("password set alice");
  CHECK(made["has_to_be_changed"] == true);
  CHECK(must(auth::is_password(world.of_alice()->hash, made["password"].get<std::string>())));
  const auto page = world.done("password set alice --keep");
  CHECK(must(auth::is_password(world.of_alice()->hash, page.substr(0, page.find('\n')))));
  CHECK(page.contains("It is not shown again."));
  CHECK_FALSE(page.contains("first login"));
  CHECK(world.done("password remove alice").contains("sessions that were begun with it end"));
  CHECK(world.refused("password remove alice") == "user alice has no password\n");
  CHECK(world.json("password show alice")["state"] == "none");
}

TEST_CASE("password: what is objected to is not stored, and not repeated") {
  PasswordsOfUsers world;
  world.typed = "short\n";
  CHECK(world.refused("password set alice -") == "standard input: a password has 12 characters at least\n");
  world.typed = "one line and\nanother";
  CHECK(world.refused("password set alice -").contains("one line"));
  world.typed = std::string(1025, 'x');
  CHECK(world.refused("password set alice -").contains("1024 bytes"));
  world.typed = fail("there is no standard input");
  CHECK(world.refused("password set alice -").contains("there is no standard input"));
  const auto misused = world.misused("password set alice in-the-command");
  CHECK(misused.contains("give - and type it on standard input"));
  CHECK_FALSE(misused.contains("in-the-command"));
  CHECK_FALSE(world.of_alice());
}

TEST_CASE("password: `user set` and `user add` give one as `password set` does") {
  PasswordsOfUsers world;
  world.typed = "correct horse\n";
  CHECK(world.done("user set alice --password -") ==
        "user alice changed, and has to choose another password at the first login\n");
  REQUIRE(world.of_alice());
  CHECK(must(auth::is_password(world.of_alice()->hash, "correct horse")));
  CHECK(world.of_alice()->must_change);
  CHECK(must(world.audit.latest(1)).front().subject == "alice");
  CHECK(world.done("user set alice --auth publickey+password --password -").contains("changed"));
  CHECK(must(world.users.get("alice")).auth == "publickey+password");
  CHECK(world.done("user add carol --auth password --password -") ==
        "user carol added; the password has to be changed at the first login, and counts where --auth asks for it\n");
  CHECK(world.json("password show carol")["state"] == "has to be changed");
  // All of it or nothing.
  world.typed = "short\n";
  CHECK(world.refused("user add dora --password -") == "standard input: a password has 12 characters at least\n");
  CHECK(world.refused("user show dora").contains("there is no user dora"));
  CHECK(world.refused("user set alice --auth password --password -").contains("12 characters"));
  CHECK(must(world.users.get("alice")).auth == "publickey+password");
  const auto misused = world.misused("user set alice --password in-the-command");
  CHECK(misused.contains("give - and type it on standard input"));
  CHECK_FALSE(misused.contains("in-the-command"));
  CHECK(world.misused("user add erin --key - --password -").contains("- is given more than once"));
}

TEST_CASE("password: it is hashed before the change begins") {
  PasswordsOfUsers world;
  bool is_locked = true;
  world.context.read_input = [&]() -> Result<std::string> {
    // Another writer gets in meanwhile.
    auto other = must(store::Database::open(world.file, store::Database::Access::go_on));
    is_locked = !other.change([&]() -> Result<> { return {}; });
    return "correct horse\n";
  };
  for (const std::string command : {"password set alice -", "user set alice --password -"}) {
    CAPTURE(command);
    is_locked = true;
    world.done(command);
    CHECK_FALSE(is_locked);
  }
}

TEST_CASE("password: standard input is read for -, and only then") {
  CHECK(reads_input({"password", "set", "alice", "-"}) == StandardInput::Kind::key);
  CHECK_FALSE(reads_input({"password", "set", "alice"}));
  CHECK(reads_input({"user", "set", "alice", "--password", "-"}) == StandardInput::Kind::key);
  CHECK(reads_input({"user", "add", "alice", "--password", "-"}) == StandardInput::Kind::key);
  CHECK_FALSE(reads_input({"password", "remove", "alice"}));
}

TEST_CASE("password: the last administrator who needs one keeps it") {
  PasswordsOfUsers world;
  world.done("user add root --role admin --key KEY");
  CHECK(world.refused("user set root --auth publickey+password").contains("no administrator could log in any more"));
  world.done("password set root");
  world.done("user set root --auth publickey+password");
  CHECK(world.refused("password remove root").contains("no administrator could log in any more"));
}

}  // namespace bastion::admin
