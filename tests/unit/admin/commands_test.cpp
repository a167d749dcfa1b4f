// What every admin command promises, told to the table as a person would type them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bastion/admin/commands/help.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/manifest/checks.h"
#include "tests/support/admin_world.h"
#include "tests/support/document.h"

namespace bastion::admin {

using test::AdminWorld;
using test::kAliceKey;
using test::kOtherKey;
using test::must;

TEST_CASE("docs/ADMIN.md says what the table of commands says") {
  test::Document("docs/ADMIN.md").must_contain(reference());
}

TEST_CASE("bastion-admin(7) says what the table of commands says") {
  test::Document("packaging/man/bastion-admin.7").must_contain(manual());
}

TEST_CASE("docs/ADMIN.md names every option that there is, and tells the truth about it") {
  const auto page = test::TemporaryFolder::read(std::filesystem::path(BASTION_SOURCE_DIR) / "docs/ADMIN.md");
  const auto has_row = [&](std::string_view option) {
    return page.find("\n| `" + std::string(option)) != std::string::npos ||
           page.find(", `" + std::string(option) + "` |") != std::string::npos;
  };
  for (const auto* option :
       {"restrict", "no-port-forwarding", "port-forwarding", "no-local-forwarding", "local-forwarding",
        "no-remote-forwarding", "remote-forwarding", "no-streamlocal-forwarding", "streamlocal-forwarding",
        "no-agent-forwarding", "agent-forwarding", "no-X11-forwarding", "X11-forwarding", "no-pty", "pty",
        "permitopen=\"host:port\"", "expiry-time=\"20261231\"", "user-rc", "verify-required"}) {
    CAPTURE(option);
    CHECK(has_row(option));
    CHECK_FALSE(
        check_options(std::string_view(option) == "permitopen=\"host:port\"" ? "permitopen=\"host:1\"" : option));
  }
  for (const auto* option :
       {"cert-authority", "principals", "environment", "tunnel", "no-user-rc", "no-touch-required"}) {
    CAPTURE(option);
    CHECK(page.find("`" + std::string(option) + "`") != std::string::npos);
    CHECK(check_options(option).value_or("").find("is not possible here") != std::string::npos);
  }
}

TEST_CASE("what a command does not expect is a refusal: nothing is changed, the audit has it, and the next one works") {
  AdminWorld world;
  world.furnished();
  int asked = 0;
  world.context.role_by_now = [&asked]() -> Result<store::Role> {
    if (++asked == 2) throw std::out_of_range("what nobody expects");  // by then the transaction has begun
    return store::Role::admin;
  };
  const auto outcome = world.type("user add carol");
  CHECK(outcome.status == Status::refused);
  CHECK(outcome.err == "internal error; the log of the bastion says more\n");
  CHECK(world.json("audit list")[0]["outcome"] == "refused");
  CHECK(world.json("user list").size() == 2);
  world.done("user add carol");
}

TEST_CASE("where there is nothing to list, people read that, and programs an empty array") {
  AdminWorld world;
  for (const auto& [line, sentence] : {std::pair{"user list", "no users"},
                                       {"backend list", "no backends"},
                                       {"container list --limit 3", "no containers"},
                                       {"session list", "no sessions"}}) {
    CAPTURE(line);
    CHECK(world.type(line).out == fmt::format("{}\n", sentence));
    CHECK(nlohmann::json::parse(world.type(fmt::format("{} --json", line)).out).empty());
  }
}

TEST_CASE("a long list comes in parts, each after the end of the one before it") {
  AdminWorld world;
  world.furnished();
  world.done("container add db --owner alice --backend far --address 10.0.3.7");
  const auto names = [&](const std::string& line, const char* column) {
    std::string all;
    std::string after;
    do {
      const auto page = world.type(line + (after.empty() ? "" : " --after " + after) + " --json");
      REQUIRE(page.status == Status::done);
      const auto part = nlohmann::json::parse(page.out);
      REQUIRE(part.is_array());  // with a limit and without
      CHECK(part.size() == 1);
      all += part[0][column].get<std::string>() + " ";
      constexpr std::string_view kMore = "more rows: add --after ";
      after = page.err.empty() ? "" : page.err.substr(kMore.size(), page.err.size() - kMore.size() - 1);
      CHECK(page.err == (after.empty() ? "" : fmt::format("{}{}\n", kMore, after)));
      // What comes and goes in between does not matter.
      if (after == "alice") world.done("user add aaron");
    } while (!after.empty());
    return all;
  };
  CHECK(names("user list --limit 1", "name") == "alice bob ");
  CHECK(names("container list --limit 1", "address") == "10.0.3.7:22 10.0.3.100:22 [fd00::1]:2222 ");
  CHECK(names("container list --limit 1 --owner alice", "name") == "db web ");
  CHECK(names("container list --limit 1 --backend far", "owner") == "alice bob ");
  world.done("key add alice KEY2");
  CHECK(names("key list alice --limit 1", "comment").starts_with("alice@laptop "));
  CHECK(world.done("user list --after alice").find("alice") == std::string::npos);
  CHECK(world.misused("container list --after web") == "\"web\" is no container: it looks like owner/name");
  CHECK(world.refused("key list alice --after SHA256:x").starts_with("user alice has no key SHA256:x"));
}

TEST_CASE("at a terminal a list ends where nobody would read on, and for programs it does not") {
  AdminWorld world;
  for (int i = 0; i <= 1000; ++i) world.user(fmt::format("u{:04}", i));
  CHECK(world.json("user list").size() == 1001);
  CHECK(std::ranges::count(world.done("user list"), '\n') == 1002);
  world.context.format.columns = 80;
  const auto page = world.type("user list");
  CHECK(std::ranges::count(page.out, '\n') == 1001);
  CHECK(page.err == "more rows: add --after u0999\n");
  CHECK(world.json("user list").size() == 1001);
}

TEST_CASE("every command prints one JSON document") {
  AdminWorld world;
  world.furnished();
  for (const auto* line :
       {"user add carol", "user list", "user show carol", "key add carol KEY2", "key list carol", "user remove carol",
        "backend list", "container list --owner bob", "route alice", "identity show", "container remove alice/web"}) {
    CAPTURE(line);
    CHECK_NOTHROW(world.json(line));
  }
  CHECK(world.json("--json user list").size() == 2);
}

TEST_CASE("what is there already, or not there, is refused") {
  AdminWorld world;
  world.furnished();
  CHECK(world.refused("user add alice") == "user alice exists already\n");
  CHECK(world.refused("user add carol --key KEY --key KEY").find("is there already") != std::string::npos);
  CHECK(world.refused("backend add be1 h --login x") == "backend be1 exists already\n");
  CHECK(world.refused("backend add x h --login x --via nowhere") == "there is no backend nowhere\n");
  CHECK(world.refused("container add x --owner bob --login alice --backend be1 --address 10.0.3.100") ==
        "alice at 10.0.3.100 port 22 on backend be1 is container alice/web already\n");
  CHECK(world.refused("container add x --owner nobody --backend be1 --address 10.0.3.101") ==
        "there is no user nobody\n");
  CHECK(world.refused("container show web") == "several containers are named web; name one: alice/web, bob/web\n");
  CHECK(world.refused("container remove alice/db").starts_with("there is no container alice/db"));
}

TEST_CASE("wrong words are answered with what would be right, and change nothing") {
  AdminWorld world;
  struct Row {
    std::string_view line;
    std::string_view answer;
  };
  const Row rows[] = {
      {"usr add alice", "there is no command \"usr add\"; did you mean \"user add\"?"},
      {"ban remove 10.0.0.0/8", "there is no command \"ban remove\""},
      {"help usr", "there is no command \"usr\"; did you mean \"user\"?"},
      {"user", "which user command? There is"},
      {"", "which command? There is"},
      {"user frobnicate", "there is no command \"user frobnicate\""},
      {"user add", "NAME is missing"},
      {"user add alice bob", "\"bob\" is not expected here"},
      {"user add alice --colour red", "\"--colour\" is not expected here"},
      {"user add 9alice",
       "\"9alice\" cannot be a user: a name is letters, digits, '_', '.' and '-', one '@' and one '\\' inside, "
       "beginning with a letter or '_', 64 characters at most"},
      {"user add alice --role king", "there is no role \"king\": it is user, auditor, operator or admin"},
      {"user add alice --role", "a value is missing after --role"},
      {"backend add be1 h", "--login USER is missing"},
      {"backend add be1 h:99999 --login x", "h:99999 has no port between 1 and 65535 after the colon"},
      {"backend add be1 h --login x --capacity 0",
       "\"0\" is no capacity: it is how many containers there may be, from 1 to 1000000"},
      {"backend add be1 h --login x --login y", "--login is given more than once"},
      {"container add web --owner bob --backend be1", "give --address IP[:PORT] or --command CMD"},
      {"container add web --owner bob --address 10.0.3.9", "give --backend B or --auto-place"},
      {"container add web --owner bob --address 10.0.3.9 --auto-place --backend be1",
       "give --backend B or --auto-place, not more than one of them"},
      {"user set alice",
       "give at least one: --role ROLE, --options O, --idle-timeout D, --max-session D, "
       "--max-sessions N, --max-logins N, --max-rekeys N, --max-bytes N, --auth EXPRESSION, --password -, --sftp WAY "
       "or --record WHAT"},
      {"user set alice --max-sessions 0", "\"0\" is no number from 1 to 2000000000, none, or default"},
      {"user set alice --max-bytes much", "\"much\" is no number from 1 to 2000000000, none, or default"},
      {"user set alice --options no-ptty", "there is no option \"no-ptty\"; did you mean no-pty?"},
      {"user set alice --idle-timeout soon", "soon is no length of time: write 30s, 90m, 12h or 30d, none, or default"},
      {"user set alice --max-session 0m", "0m is no length of time: write 30s, 90m, 12h or 30d, none, or default"},
      {"key set alice x --expires soon",
       "soon is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d, or never"},
      {"audit list --since yesterday",
       "yesterday is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or back from now 90m, 12h or 30d"},
      {"audit list --before 0", "\"0\" is no ID, as `audit list` shows it"},
      {"audit list --limit 0", "\"0\" is no number from 1 to 1000000"},
      {"container add web --owner bob --backend be1 --address box:ssh",
       "box:ssh has no port between 1 and 65535 after the colon"},
      {"container add web --owner bob --backend be1 --address LocalHost:2222",
       "LocalHost:2222 is another machine for everybody who says it: write 10.0.3.100, [fd00::1]:22 or box.example"},
      {"key add alice KEY --expires soon",
       "soon is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d, or never"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CHECK(world.misused(row.line) == row.answer);
  }
}

TEST_CASE("a command that only reads does not wait for who writes: its row is for somebody else to write") {
  AdminWorld world;
  world.furnished();
  std::vector<store::AuditEntry> rows;
  world.context.write_down = [&](store::AuditEntry row) { rows.push_back(std::move(row)); };
  const auto before = must(world.audit.last());
  auto other = must(store::Database::open(world.file, store::Database::Access::change));
  must(other.run("BEGIN IMMEDIATE"));
  world.done("user list");
  world.refused("user show nobody");
  must(other.run("COMMIT"));
  CHECK(must(world.audit.last()) == before);
  REQUIRE(rows.size() > 1);
  CHECK(rows.front().action == "user list");
  CHECK(rows.front().outcome == "done");
  CHECK(only_reads({"user", "list", "--json"}));
  CHECK_FALSE(only_reads({"user", "disable", "alice"}));
}

TEST_CASE("where nobody else writes its row, it is answered soon all the same") {
  AdminWorld world;
  world.furnished();
  const auto before = must(world.audit.last());
  auto other = must(store::Database::open(world.file, store::Database::Access::change));
  must(other.run("BEGIN IMMEDIATE"));
  const auto began = std::chrono::steady_clock::now();
  world.done("user list");
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  must(other.run("COMMIT"));
  CHECK(must(world.audit.last()) == before);
}

TEST_CASE("every command has one row in the audit, whatever came of it; what is none has none") {
  AdminWorld world;
  const auto row_of = [&](std::string_view line) {
    const auto before = must(world.audit.last());
    std::ignore = world.type(line);
    const auto added = must(world.audit.after(before, 10));
    REQUIRE(added.size() == 1);
    CHECK(added[0].actor == "local");
    CHECK(added[0].at == AdminWorld::kNow);
    CHECK(added[0].from_host.empty());
    return added[0].action + " | " + added[0].subject + " | " + added[0].outcome;
  };
  CHECK(row_of("user add alice --key KEY") == "user add | alice | done");
  CHECK(row_of("user list") == "user list |  | done");
  CHECK(row_of("user add alice") == "user add | alice | refused");
  CHECK(row_of("key add alice KEY") == "key add | alice | refused");
  CHECK(row_of("user show nobody --json") == "user show | nobody | refused");
  CHECK(row_of("session kill --user alice") == "session kill | alice | refused");
  world.file_text = R"({"version": 1, "users": [{"name": "nina"}]})";
  CHECK(row_of("apply f --dry-run") == "apply | f | tried");
  const auto before = must(world.audit.last());
  CHECK(world.type("user add").status == Status::usage);
  CHECK(world.type("user ad nina").status == Status::usage);
  CHECK(world.done("user add --help").starts_with("user add NAME"));
  world.context.again = true;
  world.done("user list");
  CHECK(must(world.audit.last()) == before);
  world.context.again = false;

  world.context.actor = "root";
  world.context.from_host = "10.0.0.9";
  world.context.key_fingerprint = "SHA256:R";
  world.done("user disable alice");
  const auto remote = must(world.audit.latest(1)).front();
  CHECK(remote.actor == "root");
  CHECK(remote.from_host == "10.0.0.9");
  CHECK(remote.key_fingerprint == "SHA256:R");
}

TEST_CASE("who is no administrator may ask for help and for nothing else") {
  AdminWorld world;
  world.context.role = store::Role::user;
  CHECK(world.refused("user add mallory --role admin") == "user add is for administrators\n");
  CHECK(world.done("user add --help").starts_with("user add NAME [--key KEY]… [--options O]"));
  CHECK(world.done("--help").starts_with("  me whoami\n"));
  CHECK_FALSE(world.done("--help").contains("user add"));
  CHECK(world.done("user --help") == "  none that you may give: they are for auditors, operators and administrators\n");
  world.context.role = store::Role::admin;
  CHECK(world.done("user add --help").starts_with("user add NAME [--role ROLE] [--key KEY]… [--options O]"));
  CHECK(world.done("container --help")
            .contains("--owner USER (--backend B | --auto-place) (--address IP[:PORT] | --command CMD) [--login"));
  CHECK(world.done("help all").contains("container add NAME --owner USER"));
  CHECK_FALSE(world.done("key --help").contains("user add"));
}

TEST_CASE("who loses the role while her command waits for its turn changes nothing") {
  AdminWorld world;
  int asked = 0;
  world.context.role_by_now = [&]() -> Result<store::Role> {
    return ++asked == 1 ? Result<store::Role>(store::Role::admin) : fail("your administrator role was removed");
  };
  CHECK(world.type("user add mallory --role admin").err == "your administrator role was removed\n");
  CHECK_FALSE(must(world.users.find("mallory")));
  CHECK(must(world.audit.latest(1)).front().outcome == "refused");
}

TEST_CASE("text from elsewhere cannot write to the terminal") {
  AdminWorld world;
  world.done("user add alice");
  const std::string evil = std::string(kAliceKey) + "\x1b[2J";
  CHECK(run({"key", "add", "alice", evil}, world.context).status == Status::done);
  CHECK(world.done("key list alice").find('\x1b') == std::string::npos);
  CHECK(run({"user", "show", "\x1b[2J"}, world.context).err == "there is no user ?[2J\n");
  CHECK(run({"key", "add", "alice", kOtherKey, "--comment", "\xff\xfe"}, world.context).status == Status::done);
  CHECK(world.json("key list alice").size() == 2);
}

}  // namespace bastion::admin
