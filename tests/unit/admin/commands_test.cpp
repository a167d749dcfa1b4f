// The words of the admin commands, told to the table as a person would type them.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "bastion/admin/commands/help.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/transport/keys.h"
#include "store/sessions.h"
#include "tests/support/document.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::SmallWorld;

constexpr const char* kAliceKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop";
constexpr const char* kOtherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

struct Desk : SmallWorld {
  std::string file_text;  // what stands in every FILE
  Context context{.database = database,
                  .actor = "local",
                  .role = store::Role::admin,
                  .now = kNow,
                  .read_key = [](std::string_view argument) -> Result<std::string> {
                    if (argument == "missing") return fail("missing: No such file or directory");
                    return std::string(argument);
                  },
                  .read_file = [this](std::string_view) -> Result<std::vector<NamedText>> {
                    return std::vector<NamedText>{{"file", file_text}};
                  },
                  .identity = []() -> Result<PublicKey> { return must(transport::parse_public_key(kAliceKey)).key; },
                  .findings = {.reachability = std::vector<upstream::Reachability>{}}};

  // `line` is split at spaces, but `KEY` stands for a public key and `KEY2` for another one.
  Outcome type(std::string_view line) {
    std::vector<std::string> words;
    std::istringstream in{std::string(line)};
    for (std::string word; in >> word;) words.push_back(word == "KEY" ? kAliceKey : word == "KEY2" ? kOtherKey : word);
    return run(words, context);
  }
  std::string done(std::string_view line) {
    CAPTURE(line);
    auto outcome = type(line);
    CHECK_MESSAGE(outcome.status == Status::done, outcome.err);
    CHECK(outcome.err.empty());
    return outcome.out;
  }
  std::string fails(std::string_view line, Status status) {
    CAPTURE(line);
    const auto before = everything();
    auto outcome = type(line);
    CHECK(outcome.status == status);
    CHECK(outcome.out.empty());
    CHECK(everything() == before);
    return outcome.err;
  }
  std::string refused(std::string_view line) { return fails(line, Status::refused); }
  std::string misused(std::string_view line) {
    const auto text = fails(line, Status::usage);
    return text.substr(0, text.find('\n'));
  }
  nlohmann::json json(std::string_view line) { return nlohmann::json::parse(done(std::string(line) + " --json")); }

  std::string everything() {
    std::string all;
    for (const auto* list : {"user list", "backend list", "container list"})
      all += type(std::string(list) + " --json").out;
    for (const auto& one : must(users.all())) all += type("key list " + one.name + " --json").out;
    return all;
  }

  Desk& furnished() {
    done("user add alice --key KEY");
    done("user add bob");
    done("backend add be1 10.1.1.11 --login hop");
    done("backend add far be3.example:2022 --login hop --via be1 --capacity 30");
    done("container add web --owner alice --backend be1 --address 10.0.3.100 --default");
    done("container add web --owner bob --backend far --address [fd00:0::1]:2222 --login root");
    return *this;
  }
};

}  // namespace

TEST_CASE("docs/ADMIN.md says what the table of commands says") {
  test::Document("docs/ADMIN.md").must_contain(reference());
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
        "permitopen=\"host:port\"", "expiry-time=\"20261231\"", "user-rc"}) {
    CAPTURE(option);
    CHECK(has_row(option));
    CHECK_FALSE(
        check_options(std::string_view(option) == "permitopen=\"host:port\"" ? "permitopen=\"host:1\"" : option));
  }
  for (const auto* option : {"cert-authority", "principals", "environment", "tunnel", "no-user-rc", "no-touch-required",
                             "verify-required"}) {
    CAPTURE(option);
    CHECK(page.find("`" + std::string(option) + "`") != std::string::npos);
    CHECK(check_options(option).value_or("").find("is not possible here") != std::string::npos);
  }
}

TEST_CASE("what was added is listed and shown, as text and as JSON") {
  Desk desk;
  desk.furnished();
  CHECK(desk.done("container list") ==
        "NAME  OWNER  BACKEND  ADDRESS         LOGIN  DEFAULT\n"
        "web   alice  be1      10.0.3.100:22   alice  yes\n"
        "web   bob    far      [fd00::1]:2222  root   yes\n");
  CHECK(desk.done("container list --owner bob").find("alice") == std::string::npos);
  CHECK(desk.json("container list --backend be1").size() == 1);
  CHECK(desk.json("user show alice")["keys"][0]["comment"] == "alice@laptop");
  CHECK(desk.json("user show alice")["containers"][0]["name"] == "web");
  CHECK(desk.json("backend show far")["via"] == "be1");
  CHECK(desk.json("backend show far")["capacity"] == 30);
  CHECK(desk.json("backend list")[1]["address"] == "be3.example:2022");
  CHECK(desk.json("container show bob/web")["host_key"].is_null());
  CHECK(desk.json("user list")[0]["containers"] == 1);
}

TEST_CASE("what a command does not expect is a refusal: nothing is changed, the audit has it, and the next one works") {
  Desk desk;
  desk.furnished();
  int asked = 0;
  desk.context.still_administrator = [&asked]() -> Result<> {
    if (++asked == 2) throw std::out_of_range("what nobody expects");  // by then the transaction has begun
    return {};
  };
  const auto outcome = desk.type("user add carol");
  CHECK(outcome.status == Status::refused);
  CHECK(outcome.err == "internal error; the log of the bastion says more\n");
  CHECK(desk.json("audit list")[0]["outcome"] == "refused");
  CHECK(desk.json("user list").size() == 2);
  desk.done("user add carol");
}

TEST_CASE("a long list comes in parts, each after the end of the one before it") {
  Desk desk;
  desk.furnished();
  desk.done("container add db --owner alice --backend far --address 10.0.3.7");
  const auto names = [&](const std::string& line, const char* column) {
    std::string all;
    std::string after;
    do {
      const auto page = desk.type(line + (after.empty() ? "" : " --after " + after) + " --json");
      REQUIRE(page.status == Status::done);
      const auto part = nlohmann::json::parse(page.out);
      CHECK(part["rows"].size() == 1);
      all += part["rows"][0][column].get<std::string>() + " ";
      after = part["next"].is_null() ? "" : part["next"].get<std::string>();
      CHECK(page.err == (after.empty() ? "" : "there are more: --after " + after + " goes on\n"));
      // What comes and goes in between does not matter.
      if (after == "alice") desk.done("user add aaron");
    } while (!after.empty());
    return all;
  };
  CHECK(names("user list --limit 1", "name") == "alice bob ");
  CHECK(names("container list --limit 1", "address") == "10.0.3.7:22 10.0.3.100:22 [fd00::1]:2222 ");
  CHECK(names("container list --limit 1 --owner alice", "name") == "db web ");
  CHECK(names("container list --limit 1 --backend far", "owner") == "alice bob ");
  desk.done("key add alice KEY2");
  CHECK(names("key list alice --limit 1", "comment").starts_with("alice@laptop "));
  CHECK(desk.done("user list --after alice").find("alice") == std::string::npos);
  CHECK(desk.misused("container list --after web") == "\"web\" is no container: it looks like owner/name");
  CHECK(desk.refused("key list alice --after SHA256:x").starts_with("user alice has no key SHA256:x"));
}

TEST_CASE("at a terminal a list ends where nobody would read on, and for programs it does not") {
  Desk desk;
  for (int i = 0; i <= 1000; ++i) desk.user(fmt::format("u{:04}", i));
  CHECK(desk.json("user list").size() == 1001);
  CHECK(std::ranges::count(desk.done("user list"), '\n') == 1002);
  desk.context.paper.columns = 80;
  const auto page = desk.type("user list");
  CHECK(std::ranges::count(page.out, '\n') == 1001);
  CHECK(page.err == "there are more: --after u0999 goes on\n");
  CHECK(desk.json("user list").size() == 1001);
}

TEST_CASE("every command prints one JSON document") {
  Desk desk;
  desk.furnished();
  for (const auto* line :
       {"user add carol", "user list", "user show carol", "key add carol KEY2", "key list carol", "user remove carol",
        "backend list", "container list --owner bob", "route alice", "identity show", "container remove alice/web"}) {
    CAPTURE(line);
    CHECK_NOTHROW(desk.json(line));
  }
  CHECK(desk.json("--json user list").size() == 2);
}

TEST_CASE("the route of a login, hop by hop") {
  Desk desk;
  desk.furnished();
  CHECK(desk.done("route bob") ==
        "STEP       NAME  ADDRESS           LOGIN\n"
        "hop        be1   10.1.1.11:22      hop\n"
        "hop        far   be3.example:2022  hop\n"
        "container  web   [fd00::1]:2222    root\n");
  CHECK(desk.refused("route alice+db") == "alice would be told: you have no container named db\n");
  CHECK(desk.refused("route carol") == "there is no user carol\n");
  CHECK(desk.misused("route alice+") == "\"alice+\" is no login: it is a user, user+container or user+owner/container");
}

TEST_CASE("a backup says what is in it, and a restoration first what it would replace") {
  Desk desk;
  desk.furnished();
  desk.context.path = [&](std::string_view name) -> Result<std::filesystem::path> { return desk.folder / name; };
  const auto copy = (desk.folder / "copy.db").string();
  const auto state = desk.file.parent_path().string();
  CHECK(desk.done("backup copy.db") ==
        copy +
            " holds 2 users, 1 key, 2 backends and 2 containers, with host keys, sessions and audit; what is not in "
            "it are the bastion's own keys: copy " +
            state + "/host_keys and " + state + "/identity too\n");
  CHECK(must(desk.audit.latest(1)).front().action == "backup");
  CHECK(must(desk.audit.latest(1)).front().subject == copy);
  const auto before = desk.json("container list");
  desk.done("container remove alice/web");
  CHECK(desk.refused("restore copy.db") ==
        "this puts 2 users, 1 key, 2 backends and 2 containers, as they were at 1970-01-12T13:46:40Z in the place of 2 "
        "users, 1 key, 2 backends and 1 container: --yes does it\n");
  CHECK(desk.done("restore copy.db --yes")
            .contains("what was there before is in " + state + "/replaced-19700112T134640Z.db"));
  CHECK(must(desk.audit.latest(1)).front().action == "restore");
  CHECK(desk.json("container list") == before);
  desk.done("backup other.db");
  CHECK(desk.refused("backup other.db").contains("is there already"));
  CHECK(desk.refused("restore nothing.db --yes").ends_with("/nothing.db: No such file or directory\n"));
}

TEST_CASE("a backup is not for whoever is on another machine") {
  Desk desk;
  CHECK(desk.refused("backup copy.db").contains("a backup is a file on the machine of the bastion"));
  CHECK(desk.refused("restore copy.db --yes").contains("a backup is a file on the machine of the bastion"));
}

TEST_CASE("the identity is one line, ready to paste") {
  Desk desk;
  CHECK(desk.done("identity show") ==
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f bastion\n");
}

TEST_CASE("keys come and go") {
  Desk desk;
  desk.done("user add alice");
  desk.done("key add alice KEY --comment laptop --expires 12h");
  const auto keys = desk.json("key list alice");
  REQUIRE(keys.size() == 1);
  CHECK(keys[0]["comment"] == "laptop");
  CHECK(keys[0]["expires"] == "1970-01-13T01:46:40Z");
  const std::string fingerprint = keys[0]["fingerprint"];
  CHECK(desk.refused("key add alice KEY") == "key " + fingerprint + " is there already, for user alice\n");
  CHECK(desk.refused("key add alice KEY2 --expires 1970-01-01").ends_with("the key would never be accepted\n"));
  CHECK(desk.refused("key add alice missing") == "missing: No such file or directory\n");
  CHECK(desk.refused("key remove alice SHA256:x").starts_with("user alice has no key SHA256:x"));
  desk.done("key remove alice " + fingerprint.substr(7));
  CHECK(desk.json("key list alice").empty());
}

TEST_CASE("what others stand on is not taken away, and the sentence says what is in the way") {
  Desk desk;
  desk.furnished();
  CHECK(desk.refused("user remove alice") == "user alice still owns alice/web: --yes removes that too\n");
  CHECK(desk.refused("backend remove far") == "backend far still has bob/web: --yes removes that too\n");
  CHECK(desk.refused("backend remove be1 --yes") == "backend be1 is the way to far: remove that first\n");
  desk.done("container share alice/web bob");
  CHECK(desk.refused("container remove alice/web") ==
        "container alice/web is shared with bob: --yes removes it for them too\n");
  desk.done("container unshare alice/web bob");
  desk.done("container remove alice/web");
  desk.done("user remove alice");
  desk.done("container remove web");
  desk.done("backend remove far");
  desk.done("backend remove be1");
}

TEST_CASE("what goes with something that is removed is said, and stands in the audit") {
  Desk desk;
  desk.furnished();
  desk.done("container add db --owner alice --backend be1 --address 10.0.3.101");
  CHECK(desk.done("user remove alice --yes") == "user alice removed, and alice/db, alice/web with it\n");
  CHECK(must(desk.audit.latest(1)).front().subject == "alice and alice/db, alice/web");
  CHECK(desk.done("backend remove far --yes") == "backend far removed, and bob/web with it\n");
  CHECK(desk.json("container list").empty());
}

TEST_CASE("what is there already, or not there, is refused") {
  Desk desk;
  desk.furnished();
  CHECK(desk.refused("user add alice") == "user alice exists already\n");
  CHECK(desk.refused("user add carol --key KEY --key KEY").find("is there already") != std::string::npos);
  CHECK(desk.refused("backend add be1 h --login x") == "backend be1 exists already\n");
  CHECK(desk.refused("backend add x h --login x --via nowhere") == "there is no backend nowhere\n");
  CHECK(desk.refused("container add x --owner bob --backend be1 --address 10.0.3.100") ==
        "10.0.3.100 port 22 on backend be1 is container alice/web already\n");
  CHECK(desk.refused("container add x --owner nobody --backend be1 --address 10.0.3.101") ==
        "there is no user nobody\n");
  CHECK(desk.refused("container show web") == "several containers are named web; say which one: alice/web, bob/web\n");
  CHECK(desk.refused("container remove alice/db") == "there is no container alice/db\n");
}

TEST_CASE("wrong words are answered with what would be right, and change nothing") {
  Desk desk;
  struct Row {
    std::string_view line;
    std::string_view answer;
  };
  const Row rows[] = {
      {"usr add alice", "there is no command \"usr add\"; did you mean \"user add\"?"},
      {"user", "which user command? There is"},
      {"", "which command? There is"},
      {"user frobnicate", "there is no command \"user frobnicate\""},
      {"user add", "NAME is missing"},
      {"user add alice bob", "\"bob\" is not expected here"},
      {"user add alice --colour red", "\"--colour\" is not expected here"},
      {"user add Alice",
       "\"Alice\" cannot be a name: a name is small letters, digits, '_', '.' and '-', beginning with a "
       "letter or '_', 32 characters at most"},
      {"user add alice --role king", "there is no role \"king\": it is user or admin"},
      {"user add alice --role", "a value is missing after --role"},
      {"backend add be1 h", "--login USER is missing"},
      {"backend add be1 h:99999 --login x", "h:99999 has no port between 1 and 65535 after the colon"},
      {"backend add be1 h --login x --capacity 0",
       "\"0\" is no capacity: it is how many containers there may be, from 1 to 1000000"},
      {"backend add be1 h --login x --login y", "--login is given more than once"},
      {"container add web --owner bob --backend be1", "--address IP[:PORT] is missing"},
      {"container add web --owner bob --address 10.0.3.9", "give --backend B or --auto-place"},
      {"container add web --owner bob --address 10.0.3.9 --auto-place --backend be1",
       "give --backend B or --auto-place, not more than one of them"},
      {"user set alice", "give at least one: --role ROLE, --options O, --idle-timeout D or --max-session D"},
      {"user set alice --options no-ptty", "there is no option \"no-ptty\"; did you mean no-pty?"},
      {"user set alice --idle-timeout soon", "soon is no length of time: write 30s, 90m, 12h or 30d, none, or default"},
      {"user set alice --max-session 0m", "0m is no length of time: write 30s, 90m, 12h or 30d, none, or default"},
      {"key set alice x --expires soon",
       "soon is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d, or never"},
      {"audit list --since yesterday",
       "yesterday is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or back from now 90m, 12h or 30d"},
      {"audit list --before 0", "\"0\" is no ID, as `audit list` shows it"},
      {"audit list --limit 0", "\"0\" is no number from 1 to 1000000"},
      {"container add web --owner bob --backend be1 --address be1.example",
       "be1.example is no IP address: it looks like 10.0.3.100 or [fd00::1]:22"},
      {"key add alice KEY --expires soon",
       "soon is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d, or never"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CHECK(desk.misused(row.line) == row.answer);
  }
}

TEST_CASE("a host key that is given is pinned") {
  Desk desk;
  desk.done("user add alice");
  // A key contains a space: the words are given as they would arrive.
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"backend", "add", "be1", "10.1.1.11", "--login", "hop", "--host-key", kAliceKey},
           {"container", "add", "web", "--owner", "alice", "--backend", "be1", "--address", "[fd00::1]", "--host-key",
            kOtherKey}}) {
    CHECK(run(words, desk.context).status == Status::done);
  }
  CHECK(std::string(desk.json("backend show be1")["host_key"]).ends_with(" (pinned)"));
  CHECK(std::string(desk.json("container show web")["host_key"]).ends_with(" (pinned)"));
  CHECK(desk.json("container show web")["address"] == "[fd00::1]:22");
}

TEST_CASE("a command that only reads does not wait for who writes: its row is for somebody else to write") {
  Desk desk;
  desk.furnished();
  std::vector<store::AuditEntry> rows;
  desk.context.write_down = [&](store::AuditEntry row) { rows.push_back(std::move(row)); };
  const auto before = must(desk.audit.last());
  auto other = must(store::Database::open(desk.file, store::Database::Access::change));
  must(other.run("BEGIN IMMEDIATE"));
  desk.done("user list");
  desk.refused("user show nobody");
  must(other.run("COMMIT"));
  CHECK(must(desk.audit.last()) == before);
  REQUIRE(rows.size() > 1);
  CHECK(rows.front().action == "user list");
  CHECK(rows.front().outcome == "done");
  CHECK(only_reads({"user", "list", "--json"}));
  CHECK_FALSE(only_reads({"user", "disable", "alice"}));
}

TEST_CASE("where nobody else writes its row, it is answered soon all the same") {
  Desk desk;
  desk.furnished();
  const auto before = must(desk.audit.last());
  auto other = must(store::Database::open(desk.file, store::Database::Access::change));
  must(other.run("BEGIN IMMEDIATE"));
  const auto began = std::chrono::steady_clock::now();
  desk.done("user list");
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  must(other.run("COMMIT"));
  CHECK(must(desk.audit.last()) == before);
}

TEST_CASE("every command has one row in the audit, whatever came of it; what is none has none") {
  Desk desk;
  const auto row_of = [&](std::string_view line) {
    const auto before = must(desk.audit.last());
    std::ignore = desk.type(line);
    const auto added = must(desk.audit.after(before, 10));
    REQUIRE(added.size() == 1);
    CHECK(added[0].actor == "local");
    CHECK(added[0].at == SmallWorld::kNow);
    CHECK(added[0].from_host.empty());
    return added[0].action + " | " + added[0].subject + " | " + added[0].outcome;
  };
  CHECK(row_of("user add alice --key KEY") == "user add | alice | done");
  CHECK(row_of("user list") == "user list |  | done");
  CHECK(row_of("user add alice") == "user add | alice | refused");
  CHECK(row_of("key add alice KEY") == "key add | alice | refused");
  CHECK(row_of("user show nobody --json") == "user show | nobody | refused");
  CHECK(row_of("session kill --user alice") == "session kill | alice | refused");
  desk.file_text = R"({"version": 1, "users": [{"name": "nina"}]})";
  CHECK(row_of("apply f --dry-run") == "apply | f | tried");
  const auto before = must(desk.audit.last());
  CHECK(desk.type("user add").status == Status::usage);
  CHECK(desk.type("user ad nina").status == Status::usage);
  CHECK(desk.done("user add --help").starts_with("user add NAME"));
  desk.context.again = true;
  desk.done("user list");
  CHECK(must(desk.audit.last()) == before);
  desk.context.again = false;

  desk.context.actor = "root";
  desk.context.from_host = "10.0.0.9";
  desk.context.key_fingerprint = "SHA256:R";
  desk.done("user disable alice");
  const auto remote = must(desk.audit.latest(1)).front();
  CHECK(remote.actor == "root");
  CHECK(remote.from_host == "10.0.0.9");
  CHECK(remote.key_fingerprint == "SHA256:R");
}

TEST_CASE("who is no administrator may ask for help and for nothing else") {
  Desk desk;
  desk.context.role = store::Role::user;
  CHECK(desk.refused("user add mallory --role admin") == "user add is for administrators\n");
  CHECK(desk.done("user add --help").starts_with("user add NAME [--role ROLE] [--key KEY]… [--options O]"));
  CHECK(desk.done("container --help").find("--owner USER (--backend B | --auto-place) --address IP[:PORT] [--login") !=
        std::string::npos);
  CHECK(desk.done("--help").find("container add NAME --owner USER") != std::string::npos);
  CHECK(desk.done("key --help").find("user add") == std::string::npos);
}

TEST_CASE("who loses the role while her command waits for its turn changes nothing") {
  Desk desk;
  int asked = 0;
  desk.context.still_administrator = [&]() -> Result<> {
    return ++asked == 1 ? Result<>{} : fail("you are no administrator any more");
  };
  CHECK(desk.type("user add mallory --role admin").err == "you are no administrator any more\n");
  CHECK_FALSE(must(desk.users.find("mallory")));
  CHECK(must(desk.audit.latest(1)).front().outcome == "refused");
}

TEST_CASE("a user is changed, and shown as what was typed") {
  Desk desk;
  desk.done("user add alice --options restrict,pty --idle-timeout 30s");
  const auto shown = [&](const char* field) { return desk.json("user show alice")[field]; };
  CHECK(shown("role") == "user");
  CHECK(shown("options") == "restrict,pty");
  CHECK(shown("idle_timeout") == "30s");
  CHECK(shown("max_session") == "default");
  CHECK(desk.done("user set alice --role admin --max-session 90m --idle-timeout none") == "user alice changed\n");
  CHECK(shown("role") == "admin");
  CHECK(shown("options") == "restrict,pty");
  CHECK(shown("idle_timeout") == "none");
  CHECK(shown("max_session") == "90m");
  desk.done("user set alice --options none --max-session default");
  CHECK(shown("options").is_null());
  CHECK(shown("max_session") == "default");
}

TEST_CASE("a user is disabled and enabled again; saying it twice does no harm") {
  Desk desk;
  desk.done("user add alice");
  CHECK(desk.done("user enable alice") == "user alice was not disabled\n");
  CHECK(desk.done("user disable alice") == "user alice disabled\n");
  CHECK(desk.json("user show alice")["state"] == "disabled");
  desk.context.now += 10;
  CHECK(desk.done("user disable alice") == "user alice was disabled already\n");
  CHECK(must(desk.users.get("alice")).disabled_at == SmallWorld::kNow);
  CHECK(desk.done("user enable alice") == "user alice enabled\n");
  CHECK(desk.json("user show alice")["state"] == "active");
  CHECK(desk.refused("user disable bob") == "there is no user bob\n");
}

TEST_CASE("options stand before a key, or are given by themselves, but not both") {
  Desk desk;
  desk.done("user add alice");
  const auto add = [&](const std::string& key, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"key", "add", "alice", key};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, desk.context);
  };
  const auto with_options = R"(restrict,command="echo a b" )" + std::string(kAliceKey);
  CHECK(add("frobnicate " + std::string(kAliceKey)).err == "before the key: there is no option \"frobnicate\"\n");
  CHECK(add(with_options, {"--options", "no-pty"}).err ==
        "there are options before the key already: give them there or with --options\n");
  CHECK(add(with_options).status == Status::done);
  CHECK(add(kOtherKey, {"--options", "no-pty"}).status == Status::done);
  const auto keys = desk.json("key list alice");
  CHECK(keys[0]["options"] == R"(restrict,command="echo a b")");
  CHECK(keys[0]["comment"] == "alice@laptop");
  CHECK(keys[1]["options"] == "no-pty");
  const auto host_key = run(
      {"backend", "add", "be1", "h", "--login", "hop", "--host-key", "no-pty " + std::string(kOtherKey)}, desk.context);
  CHECK(host_key.err == "options have no place before a host key: \"no-pty\"\n");
}

TEST_CASE("a key is changed") {
  Desk desk;
  desk.done("user add alice --key KEY");
  const std::string fingerprint = desk.json("key list alice")[0]["fingerprint"];
  const auto shown = [&](const char* field) { return desk.json("key list alice")[0][field]; };
  CHECK(desk.done("key set alice " + fingerprint + " --options no-pty --expires 12h --comment laptop") ==
        "key " + fingerprint + " of user alice changed\n");
  CHECK(shown("options") == "no-pty");
  CHECK(shown("expires") == "1970-01-13T01:46:40Z");
  CHECK(shown("comment") == "laptop");
  desk.done("key set alice " + fingerprint.substr(7) + " --options none --expires never");
  CHECK(shown("options").is_null());
  CHECK(shown("expires").is_null());
  CHECK(shown("comment") == "laptop");
  CHECK(desk.refused("key set alice x --expires never") ==
        "user alice has no key SHA256:x: `key list alice` shows them\n");
  CHECK(desk.refused("key set alice " + fingerprint + " --expires 1970-01-01").find("is past") != std::string::npos);
}

TEST_CASE("a container is shared, for a time or for good, and taken back") {
  Desk desk;
  desk.furnished();
  CHECK(desk.done("container share alice/web bob --expires 12h") ==
        "container alice/web shared with bob until 1970-01-13T01:46:40Z: ssh bob+alice+web@…\n");
  CHECK(must(desk.audit.latest(1)).front().subject == "alice/web bob");
  const auto shares = [&] { return desk.json("container show alice/web")["shares"]; };
  REQUIRE(shares().size() == 1);
  CHECK(shares()[0]["user"] == "bob");
  CHECK(shares()[0]["state"] == "open");
  CHECK(desk.json("user show bob")["containers"].size() == 2);
  desk.context.now += 13 * 3600;
  CHECK(shares()[0]["state"] == "ended");
  CHECK(desk.json("user show bob")["containers"].size() == 1);
  desk.done("container share alice/web bob");
  CHECK(shares()[0]["expires"].is_null());
  CHECK(desk.done("container unshare alice/web bob") == "container alice/web is no longer shared with bob\n");
  CHECK(shares().empty());
  CHECK(desk.refused("container unshare alice/web bob") == "container alice/web is not shared with bob\n");
  CHECK(desk.refused("container share alice/web alice") == "container alice/web is alice's own\n");
  CHECK(desk.refused("container share alice/web carol") == "there is no user carol\n");
  CHECK(desk.refused("container share alice/web bob --expires 1970-01-01").find("is past") != std::string::npos);
}

TEST_CASE("a container moves: a learned host key stays behind, a pinned one goes along") {
  Desk desk;
  desk.furnished();
  const auto web = must(desk.containers.named("web")).front();
  const auto owner = store::HostKeyOwner::of_container(web.id);
  must(desk.host_keys.learn(owner, test::blob("learned"), 1));
  CHECK(desk.done("container move alice/web --backend far --address 10.0.3.7:2200") ==
        "container alice/web moved to 10.0.3.7:2200 on backend far; the host key it presents there at the next login "
        "is remembered\n");
  CHECK_FALSE(must(desk.host_keys.find(owner)));
  CHECK(desk.json("container show alice/web")["address"] == "10.0.3.7:2200");
  CHECK(desk.json("container show alice/web")["backend"] == "far");
  CHECK(desk.json("container show alice/web")["default"] == true);

  must(desk.host_keys.pin(owner, test::blob("pinned"), 1));
  CHECK(desk.done("container move alice/web --backend be1 --address 10.0.3.7") ==
        "container alice/web moved to 10.0.3.7:22 on backend be1\n");
  CHECK(must(desk.host_keys.find(owner))->blob == test::blob("pinned"));
  CHECK(desk.done("container move alice/web --backend be1 --address 10.0.3.7") ==
        "container alice/web was at 10.0.3.7:22 on backend be1 already\n");
  CHECK(desk.refused("container move alice/web --backend far --address [fd00::1]:2222") ==
        "fd00::1 port 2222 on backend far is container bob/web already\n");
}

TEST_CASE("a container is changed") {
  Desk desk;
  desk.furnished();
  desk.done("container add db --owner alice --backend be1 --address 10.0.3.101");
  const auto is_default = [&](const char* name) {
    return desk.json(std::string("container show ") + name)["default"].get<bool>();
  };
  CHECK(is_default("alice/web"));
  CHECK_FALSE(is_default("alice/db"));
  CHECK(desk.done("container set db --default --login root") == "container alice/db changed\n");
  CHECK(is_default("alice/db"));
  CHECK_FALSE(is_default("alice/web"));
  CHECK(desk.json("container show db")["login"] == "root");
  desk.done("container set db --no-default");
  CHECK_FALSE(is_default("alice/db"));
  CHECK_FALSE(is_default("alice/web"));
  CHECK(desk.refused("container set db --default --no-default") == "--default and --no-default cannot both be meant\n");
}

TEST_CASE("a backend is changed, drained and resumed") {
  Desk desk;
  desk.furnished();
  const auto owner = store::HostKeyOwner::of_backend(must(desk.backends.get("far")).id);
  must(desk.host_keys.learn(owner, test::blob("learned"), 1));
  desk.done("backend set far --login root --capacity none");
  CHECK(desk.json("backend show far")["capacity"].is_null());
  CHECK(desk.json("backend show far")["via"] == "be1");
  CHECK(must(desk.host_keys.find(owner)));
  desk.done("backend set far --address 10.1.1.13 --via none");
  CHECK(desk.json("backend show far")["address"] == "10.1.1.13:22");
  CHECK(desk.json("backend show far")["via"].is_null());
  CHECK(desk.json("backend show far")["login"] == "root");
  CHECK_FALSE(must(desk.host_keys.find(owner)));
  desk.done("backend set be1 --via far");
  CHECK(desk.refused("backend set far --via be1") == "backend far cannot be reached via itself\n");
  CHECK(desk.refused("backend set far --via far") == "backend far cannot be reached via itself\n");

  CHECK(desk.done("backend drain far").starts_with("backend far drains: running sessions go on"));
  CHECK(desk.json("backend show far")["state"] == "draining");
  CHECK(desk.refused("route alice").find("far") != std::string::npos);
  CHECK(desk.done("backend resume far") == "backend far is active\n");
  CHECK(desk.json("backend show far")["state"] == "active");
}

TEST_CASE("a host key is forgotten when the machine is another one") {
  Desk desk;
  desk.furnished();
  const auto be1 = store::HostKeyOwner::of_backend(must(desk.backends.get("be1")).id);
  CHECK(desk.refused("backend forget-host-key be1") == "no host key of backend be1 is known\n");
  must(desk.host_keys.pin(be1, test::blob("K"), 1));
  CHECK(desk.done("backend forget-host-key be1") ==
        "the host key of backend be1 is forgotten; the next one it presents is remembered\n");
  CHECK_FALSE(must(desk.host_keys.find(be1)));
  CHECK(desk.refused("container forget-host-key alice/web") == "no host key of container alice/web is known\n");
}

TEST_CASE("a new container is placed where there is most room") {
  Desk desk;
  desk.done("user add alice");
  CHECK(desk.refused("container add a --owner alice --auto-place --address 10.0.3.1") ==
        "there is no active backend to put it on\n");
  desk.done("backend add be1 h --login hop --capacity 1");
  desk.done("backend add be2 h --login hop --capacity 2");
  CHECK(desk.done("container add a --owner alice --auto-place --address 10.0.3.1") ==
        "container alice/a added on backend be1\n");
  CHECK(desk.done("container add b --owner alice --auto-place --address 10.0.3.1") ==
        "container alice/b added on backend be2\n");
  using State = upstream::Reachability::State;
  const auto first = must(desk.backends.get("be1")).id;
  const auto second = must(desk.backends.get("be2")).id;
  desk.context.findings.reachability = {{.backend = second, .state = State::unreachable}};
  CHECK(desk.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "every active backend that can be reached is full; not reached: be2\n");
  desk.context.findings.reachability->push_back({.backend = first, .state = State::unreachable});
  CHECK(desk.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "no active backend can be reached: be1, be2\n");
  desk.context.findings.reachability.reset();
  desk.done("backend drain be2");
  CHECK(desk.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "every active backend is full\n");
}

TEST_CASE("thirty, twenty-five and thirty-five containers: the next goes where it has to") {
  struct Row {
    std::vector<std::string> unreachable;
    std::string drained;
    std::int64_t more_on_second;
    std::string placed;
  };
  const std::vector<Row> rows{
      {{}, "", 0, "be2"},         {{"be2"}, "", 0, "be1"}, {{"be1", "be2"}, "", 0, "be3"}, {{}, "be2", 0, "be1"},
      {{"be1"}, "be2", 0, "be3"}, {{}, "", 5, "be1"},      {{"be1"}, "", 10, "be2"},
  };
  for (const auto& row : rows) {
    Desk desk;
    desk.user("alice");
    const std::map<std::string, std::int64_t> counts{{"be1", 30}, {"be2", 25 + row.more_on_second}, {"be3", 35}};
    desk.context.findings.reachability->clear();
    for (const auto& [name, count] : counts) {
      const auto id = desk.backend(name);
      const bool is_down = std::ranges::find(row.unreachable, name) != row.unreachable.end();
      desk.context.findings.reachability->push_back(
          {.backend = id,
           .state = is_down ? upstream::Reachability::State::unreachable : upstream::Reachability::State::reachable});
      for (std::int64_t i = 0; i < count; ++i) {
        desk.container("alice", name + "-" + std::to_string(i), name, "10.0.3." + std::to_string(i + 1));
      }
    }
    if (!row.drained.empty()) desk.done("backend drain " + row.drained);
    CAPTURE(row.placed);
    CHECK(desk.done("container add new --owner alice --auto-place --address 10.0.4.1") ==
          "container alice/new added on backend " + row.placed + "\n");
  }
}

TEST_CASE("whether a backend can be reached is shown as it was found out") {
  Desk desk;
  using State = upstream::Reachability::State;
  const auto first = desk.backend("be1");
  const auto second = desk.backend("be2");
  desk.backend("here", "", store::RouteKind::direct);
  desk.context.findings.reachability = {
      {.backend = first, .state = State::reachable, .latency = std::chrono::microseconds(1290), .last_success = 90},
      {.backend = second, .state = State::unreachable, .why = "backend be2 is unreachable: refused"}};
  const auto list = desk.json("backend list");
  CHECK(list[0]["reachable"] == true);
  CHECK(list[0]["latency_ms"] == 1.3);
  CHECK(list[0]["last_success"] == "1970-01-01T00:01:30Z");
  CHECK(list[1]["reachable"] == false);
  CHECK(list[1]["latency_ms"].is_null());
  CHECK(list[2]["reachable"].is_null());
  CHECK(desk.json("backend show be2")["unreachable_because"] == "backend be2 is unreachable: refused");
  desk.context.findings.reachability.reset();
  const auto unmeasured = desk.type("backend list --json");
  CHECK(nlohmann::json::parse(unmeasured.out)[0]["reachable"].is_null());
  CHECK(unmeasured.err.contains("reachability is not measured"));
}

TEST_CASE("who follows the audit is told each thing once") {
  Desk desk;
  desk.done("user add alice");
  desk.done("user add bob");
  desk.context.again = true;
  auto part = desk.type("audit list --follow --json");
  CHECK(std::ranges::count(part.out, '\n') == 2);
  CHECK(nlohmann::json::parse(part.out.substr(0, part.out.find('\n')))["subject"] == "alice");
  desk.context.after = part.next;
  part = desk.type("audit list --follow --json");
  CHECK(part.out.empty());
  desk.context.again = false;
  desk.context.after.reset();
  desk.done("user disable bob");
  desk.context.again = true;
  desk.context.after = part.next;
  part = desk.type("audit list --follow");
  CHECK(part.out.contains("user disable"));
  CHECK_FALSE(part.out.contains("SUBJECT"));
  CHECK(std::ranges::count(part.out, '\n') == 1);
  CHECK(desk.type("audit list --follow --user nobody").next == desk.context.after);
}

TEST_CASE("a removal that takes more with it asks where it can, and is written down when it is refused") {
  Desk desk;
  desk.furnished();
  const auto refusals = [&] {
    return std::ranges::count(must(desk.audit.latest(100)), "refused", &store::AuditEntry::outcome);
  };
  CHECK(desk.type("user remove alice").wants_yes);
  CHECK(refusals() == 1);
  desk.context.can_be_asked = true;
  CHECK(desk.type("user remove alice").wants_yes);
  CHECK(refusals() == 1);
  CHECK_FALSE(desk.type("user remove nobody").wants_yes);
  CHECK(refusals() == 2);
}

TEST_CASE("who did what, and since when") {
  Desk desk;
  desk.done("user add alice");
  desk.context.now += 3600;
  desk.context.actor = "root";
  desk.done("user disable alice");
  desk.context.again = true;  // looking leaves no trace here
  const auto all = desk.json("audit list");
  REQUIRE(all.size() == 2);
  CHECK(all[0]["action"] == "user disable");
  CHECK(all[0]["user"] == "root");
  CHECK(all[0]["from"].is_null());
  CHECK(desk.json("audit list --user local")[0]["action"] == "user add");
  CHECK(desk.json("audit list --since 30m").size() == 1);
  CHECK(desk.json("audit list --user local --since 30m").empty());

  const auto part = desk.type("audit list --limit 1 --json");
  const auto newest = nlohmann::json::parse(part.out);
  REQUIRE(newest["rows"].size() == 1);
  const auto next = newest["next"].get<std::string>();
  CHECK(part.err == fmt::format("there are more: --before {} goes on\n", next));
  const auto older = desk.json("audit list --limit 1 --before " + next);
  REQUIRE(older["rows"].size() == 1);
  CHECK(older["rows"][0]["action"] == "user add");
  CHECK(older["next"].is_null());
  CHECK(desk.json("audit list --limit 1000")["next"].is_null());
  CHECK(desk.json("audit list --before 1")["rows"].empty());
  CHECK(desk.refused("audit list --before 4711") == "there is no row 4711 in the audit\n");
  CHECK(desk.refused("audit list --before 1 --follow").starts_with("--before goes back"));
}

TEST_CASE("sessions are listed: the open ones, or all") {
  Desk desk;
  store::Sessions sessions(desk.database);
  for (const auto* login : {"l1", "l2", "l3"}) {
    must(sessions.open({.login = login,
                        .user = login == std::string("l3") ? "bob" : "alice",
                        .from_host = "10.0.0.1",
                        .key_fingerprint = "SHA256:A",
                        .container = "",
                        .route = "be1",
                        .at = 10}));
  }
  must(sessions.close(
      {.login = "l1", .at = 20, .bytes_from_user = 3, .bytes_from_container = 4, .reason = "user_left"}));
  const auto open = desk.type("session list --json");
  CHECK(nlohmann::json::parse(open.out).size() == 2);
  CHECK(open.err.starts_with("the bastion does not serve on this machine"));
  CHECK(nlohmann::json::parse(desk.type("session list --open --user bob --json").out)[0]["id"] == "l3");
  const auto of_alice = desk.json("session list --all --user alice");
  REQUIRE(of_alice.size() == 2);
  CHECK(of_alice[0]["closed"].is_null());
  CHECK(of_alice[0]["container"].is_null());
  CHECK(of_alice[1]["reason"] == "user_left");
  CHECK(of_alice[1]["bytes_from_container"] == 4);
  CHECK(desk.json("session list --all --limit 1").size() == 1);
}

TEST_CASE("a document is tried without doing it, then done once, and the second time there is nothing to do") {
  Desk desk;
  desk.furnished();
  desk.file_text = R"({"version": 1, "users": [{"name": "carol"}, {"name": "alice", "options": "no-pty"}]})";
  const auto before = desk.everything();
  const auto rehearsed = desk.json("apply file --dry-run");
  CHECK(rehearsed["dry_run"] == true);
  CHECK(rehearsed["added"] == 1);
  CHECK(rehearsed["changed"] == 1);
  CHECK(desk.everything() == before);

  const auto done = desk.json("apply file");
  CHECK(done["dry_run"] == false);
  CHECK(done["changes"] == rehearsed["changes"]);
  CHECK(must(desk.users.get("alice")).options == "no-pty");
  CHECK(must(desk.audit.latest(1)).front().subject == "1 added, 1 changed, 0 removed: user carol, user alice");
  CHECK(desk.json("apply file")["changes"].empty());

  desk.file_text = desk.done("export");
  CHECK(desk.json("apply file --prune")["changes"].empty());
  desk.file_text = desk.done("export --json");
  CHECK(nlohmann::json::parse(desk.file_text)["version"] == 1);
  CHECK(desk.json("apply file --prune")["changes"].empty());
}

TEST_CASE("an import adds, reports what is there already and says something else, and changes that only when told to") {
  Desk desk;
  desk.furnished();
  desk.file_text = R"([{"name": "carol", "status": "Running", "type": "container", "location": "none",
      "expanded_devices": {"eth0": {"type": "nic", "name": "eth0"}},
      "state": {"network": {"eth0": {"addresses": [{"family": "inet", "scope": "global", "address": "10.0.3.7"}]}}}}])";
  CHECK(desk.json("import incus file --backend be1 --dry-run")["added"] == 2);
  CHECK(desk.json("import incus file --backend be1")["added"] == 2);
  CHECK(desk.json("container show carol/carol")["address"] == "10.0.3.7:22");
  CHECK(desk.json("import incus file --backend be1")["changes"].empty());

  CHECK(desk.refused("import incus file --backend far") ==
        "there already, and otherwise: container carol/carol (backend be1 -> far); nothing was taken over; --merge "
        "changes that too\n");
  CHECK(desk.json("import incus file --backend far --dry-run")["collisions"].size() == 1);
  CHECK(desk.json("import incus file --backend far --merge")["changed"] == 1);
  CHECK(desk.json("container show carol/carol")["backend"] == "far");
  desk.context.read_file = Context::no_files_here;
  CHECK(
      desk.refused("import incus /etc/shadow") ==
      "/etc/shadow: files of your machine cannot be read from here; give - and what stands in it on standard input\n");
}

TEST_CASE("text from elsewhere cannot write to the terminal") {
  Desk desk;
  desk.done("user add alice");
  const std::string evil = std::string(kAliceKey) + "\x1b[2J";
  CHECK(run({"key", "add", "alice", evil}, desk.context).status == Status::done);
  CHECK(desk.done("key list alice").find('\x1b') == std::string::npos);
  CHECK(run({"user", "show", "\x1b[2J"}, desk.context).err == "there is no user ?[2J\n");
  CHECK(run({"key", "add", "alice", kOtherKey, "--comment", "\xff\xfe"}, desk.context).status == Status::done);
  CHECK(desk.json("key list alice").size() == 2);
}

}  // namespace bastion::admin
