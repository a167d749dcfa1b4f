// A database that somebody else has written to, as one that was restored may be: no text in it moves a cursor.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/names.h"
#include "bastion/base/printable.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::must;

// Of ASCII, beyond it, and what is no UTF-8.
constexpr const char* kHostile = "CAST(x'1b5b324a0d0ac29b324aff7f' AS TEXT)";

struct World : AdminWorld {
  World() {
    furnished();
    must(database.run("PRAGMA ignore_check_constraints = ON"));
    for (const auto* const column : {"users.name",         "users.options",
                                     "user_keys.comment",  "user_keys.fingerprint",
                                     "user_keys.options",  "backends.name",
                                     "backends.host",      "backends.login",
                                     "containers.name",    "containers.address",
                                     "containers.login",   "audit.actor",
                                     "audit.action",       "audit.subject",
                                     "audit.outcome",      "audit.key_fingerprint",
                                     "audit.from_host",    "audit.session",
                                     "sessions.login",     "sessions.user",
                                     "sessions.from_host", "sessions.key_fingerprint",
                                     "sessions.container", "sessions.route",
                                     "sessions.reason"}) {
      CAPTURE(column);
      const std::string_view place = column;
      const auto table = place.substr(0, place.find('.'));
      const auto name = place.substr(table.size() + 1);
      must(database.run(fmt::format("UPDATE {0} SET {1} = ifnull({1}, '') || {2}", table, name, kHostile).c_str()));
    }
    must(database.run("PRAGMA ignore_check_constraints = OFF"));
  }
};

// Lines of what may be shown.
bool is_shown_as_it_is(std::string text) {
  std::erase(text, '\n');
  return printable(text) == text;
}

}  // namespace

TEST_CASE("texts of a restored database reach no terminal as they are") {
  World world;
  std::size_t answers = 0;
  for (const auto& command : commands()) {
    if (command.effect != Command::Effect::reads) continue;
    for (const std::string_view more : {"", " --json", " --all", " --all --json"}) {
      for (const std::size_t columns : {0U, 40U}) {
        const auto line = fmt::format("{}{}", command.words, more);
        CAPTURE(line);
        CAPTURE(columns);
        world.context.format = {.columns = columns, .coloured = false};
        const auto outcome = world.type(line);
        CHECK(is_shown_as_it_is(outcome.out));
        CHECK(is_shown_as_it_is(outcome.err));
        answers += outcome.status == Status::done ? 1 : 0;
      }
    }
  }
  CHECK(answers > 20);
}

TEST_CASE("a question about names of a restored database shows them as their answers do") {
  AdminWorld world;
  world.furnished();
  must(world.database.run(fmt::format("UPDATE containers SET name = name || {}", kHostile).c_str()));
  world.context.can_be_asked = true;
  const auto outcome = world.type("user remove alice");
  CHECK(outcome.question.contains("alice/"));
  CHECK(is_shown_as_it_is(outcome.question));
  CHECK(is_shown_as_it_is(outcome.err));
}

TEST_CASE("a name in a restored database that cannot be typed is not completed either") {
  World world;
  world.user("dora");
  const auto names = names_in(world.database, "user show alice");
  CHECK(names.users == std::vector<std::string>{"dora"});
  for (const auto* const of : {&names.users, &names.backends, &names.containers}) {
    for (const auto& name : *of) CHECK(is_shown_as_it_is(name));
  }
}

}  // namespace bastion::admin
