// The words of the admin commands, told to the table as a person would type them.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bastion/admin/help.h"
#include "bastion/admin/run.h"
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
  Context context{
      .database = database,
      .actor = "local",
      .role = store::Role::admin,
      .now = kNow,
      .read_key = [](std::string_view argument) -> Result<std::string> {
        if (argument == "missing") return fail("missing: No such file or directory");
        return std::string(argument);
      },
      .identity = []() -> Result<transport::PublicKey> { return must(transport::parse_public_key(kAliceKey)).key; }};

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
    return all + std::to_string(must(audit.latest(1000)).size());
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

TEST_CASE("what was added is listed and shown, as text and as JSON") {
  Desk desk;
  desk.furnished();
  CHECK(desk.done("container list") ==
        "NAME  OWNER  BACKEND  ADDRESS         LOGIN  DEFAULT\n"
        "web   alice  be1      10.0.3.100:22   alice  yes\n"
        "web   bob    far      [fd00::1]:2222  root   no\n");
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
  CHECK(desk.refused("user remove alice") == "user alice still owns alice/web: remove that first\n");
  CHECK(desk.refused("backend remove be1") == "backend be1 still has alice/web: remove that first\n");
  desk.done("container remove alice/web");
  CHECK(desk.refused("backend remove be1") == "backend be1 is the way to far: remove that first\n");
  desk.done("user remove alice");
  desk.done("container remove web");
  desk.done("backend remove far");
  desk.done("backend remove be1");
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
      {"container add web --owner bob --backend be1 --address be1.example",
       "be1.example is no IP address: it looks like 10.0.3.100 or [fd00::1]:22"},
      {"key add alice KEY --expires soon",
       "soon is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d"},
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

TEST_CASE("every change has one row in the audit, and nothing else has") {
  Desk desk;
  desk.done("user add alice");
  desk.done("user list");
  desk.refused("user add alice");
  desk.misused("user add");
  const auto audited = must(desk.audit.latest(10));
  REQUIRE(audited.size() == 1);
  CHECK(audited[0].actor == "local");
  CHECK(audited[0].action == "user add");
  CHECK(audited[0].subject == "alice");
  CHECK(audited[0].at == SmallWorld::kNow);
}

TEST_CASE("who is no administrator may ask for help and for nothing else") {
  Desk desk;
  desk.context.role = store::Role::user;
  CHECK(desk.refused("user add mallory --role admin") == "user add is for administrators\n");
  CHECK(desk.done("user add --help").starts_with("user add NAME [--role ROLE] [--key KEY]…\n\nAdds a user."));
  CHECK(desk.done("--help").find("container add NAME --owner USER") != std::string::npos);
  CHECK(desk.done("key --help").find("user add") == std::string::npos);
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
