// Who may give which command, and what operators do not change by those that are theirs.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/completion.h"
#include "bastion/admin/commands/help.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/grammar/right.h"
#include "store/statement.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using store::Role;
using test::AdminWorld;
using test::must;

namespace {

constexpr Role kRoles[] = {Role::user, Role::auditor, Role::operator_, Role::admin};

// Plain users alice and bob with a container each, and those with roles: root, olga and aude, of whom root has one too,
// and one-time codes. Bob's desk is an account of that machine, and his vault has nothing to do with it but the name.
struct RoleWorld : AdminWorld {
  RoleWorld() {
    furnished();
    context.sealing_key = [this] { return SealingKey::load_or_make(folder / "seal"); };
    done("user add root --role admin --key KEY");
    done("user add olga --role operator --key KEY2");
    done("user add aude --role auditor");
    done("group add ops");
    done("group join ops root");
    done("group add dev");
    done("container add vault --owner root --backend be1 --address 10.0.3.50");
    done("container share root/vault --group dev");
    done("container add desk --owner bob --backend be1 --address 10.0.3.50");
    done("container add vault --owner bob --backend be1 --address 10.0.3.51");
    done("totp enroll root");
    context.role = Role::operator_;
    context.actor = "olga";
  }
};

}  // namespace

TEST_CASE("roles: whatever changes nothing is for auditors, and nothing else is") {
  for (const auto& command : commands()) {
    CAPTURE(command.words);
    CHECK(is_own(command) == (command.role == Role::user));
    if (is_own(command)) continue;
    CHECK((command.role == Role::auditor) == (command.effect == Command::Effect::reads));
    for (const auto& parameter : command.parameters)
      CHECK((parameter.role == Role::user || parameter.role > command.role));
  }
}

// Whoever adds a command for operators adds it here, and has thought of what it does to those who have a role.
TEST_CASE("roles: what operators may give, and all that others may not") {
  const std::set<std::string_view> for_operators{"user add",
                                                 "user set",
                                                 "user disable",
                                                 "user enable",
                                                 "user remove",
                                                 "group add",
                                                 "group set",
                                                 "group join",
                                                 "group leave",
                                                 "group remove",
                                                 "key add",
                                                 "key set",
                                                 "key remove",
                                                 "backend drain",
                                                 "backend resume",
                                                 "container add",
                                                 "container set",
                                                 "container move",
                                                 "container share",
                                                 "container unshare",
                                                 "container forget-host-key",
                                                 "container remove",
                                                 "container start",
                                                 "container stop",
                                                 "container restart",
                                                 "session kill",
                                                 "totp enroll",
                                                 "totp reset",
                                                 "password set",
                                                 "password remove",
                                                 "oidc forget",
                                                 "invite",
                                                 "invite revoke"};
  for (const auto& command : commands()) {
    CAPTURE(command.words);
    CHECK((command.role == Role::operator_) == for_operators.contains(command.words));
  }
}

TEST_CASE("roles: the table decides, and a refusal is one sentence and one row") {
  for (const auto role : kRoles) {
    AdminWorld world;
    world.context.role = role;
    CAPTURE(store::text_of(role));
    const auto says = [&](std::string_view line) { return world.type(line).err; };
    CHECK(says("user list").contains("is for") == (role == Role::user));
    CHECK(says("user add nina").contains("user add is for") == (role < Role::operator_));
    CHECK(says("ban add 192.0.2.7").contains("ban add is for administrators") == (role < Role::admin));
    CHECK(says("user add otto --role user").contains("is for") == (role < Role::admin));
    const auto row = must(world.audit.latest(1)).front();
    CHECK(row.action == "user add");
    CHECK(row.outcome == (role == Role::admin ? "done" : "refused"));
  }
  AdminWorld world;
  world.context.role = Role::auditor;
  CHECK(world.refused("user add nina") == "user add is for operators and administrators\n");
  world.context.role = Role::operator_;
  CHECK(world.refused("user add nina --role admin") == "--role of user add is for administrators\n");
  CHECK(world.refused("user set alice --record none") == "--record of user set is for administrators\n");
  CHECK(world.refused("container set alice/web --record none") == "--record of container set is for administrators\n");
}

TEST_CASE("roles: an operator changes nothing that belongs to somebody with a role") {
  RoleWorld world;
  world.context.read_input = [] { return "correct horse\n"; };
  struct Case {
    const char* line;
    const char* about;
  };
  const Case cases[] = {
      {"user set root --options restrict", "user root"},
      {"user set olga --auth publickey", "user olga"},
      {"user set aude --max-sessions 1", "user aude"},
      {"user disable root", "user root"},
      {"user disable olga", "user olga"},
      {"user remove aude", "user aude"},
      {"user remove root --yes", "root"},
      {"key add root KEY2", "the keys of root"},
      {"key add aude KEY", "the keys of aude"},
      {"totp reset root", "the one-time codes of root"},
      {"totp enroll olga", "the one-time codes of olga"},
      {"totp enroll aude", "the one-time codes of aude"},
      {"password set root", "the password of root"},
      {"password set aude", "the password of aude"},
      {"user set root --password -", "the password of root"},
      {"invite root", "the invitation of root"},
      {"invite alice --group dev", "who is in group dev, with which root/vault is shared"},
      {"invite nina --container root/vault", "the shares of root/vault"},
      {"group join dev root", "the groups of root"},
      {"group leave ops root", "the groups of root"},
      {"group set ops --sftp read", "the groups of root"},
      {"user set root --sftp read", "user root"},
      {"container set root/vault --sftp read", "container root/vault"},
      {"group remove ops", "the groups of root"},
      {"group join dev alice", "who is in group dev, with which root/vault is shared"},
      {"container add mine --owner root --backend be1 --address 10.0.3.60", "container root/mine"},
      {"container add mine --owner alice --backend be1 --address 10.0.3.50", "the machine of root/vault"},
      {"container move root/vault --backend be1 --address 10.0.3.61", "container root/vault"},
      {"container set root/vault --login alice", "container root/vault"},
      {"container share root/vault alice", "the shares of root/vault"},
      {"container share root/vault --group ops", "root/vault"},
      {"container remove root/vault --yes", "container root/vault"},
      {"container start root/vault", "container root/vault"},
      {"container restart bob/desk", "container root/vault"},
      {"container stop bob/vault", "container root/vault"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.line);
    const auto why = world.refused(one.line);
    CHECK(why.starts_with("only an administrator may change "));
    CHECK(why.contains(one.about));
    CHECK(world.type(one.line).status == Status::refused);
    CHECK(must(world.audit.latest(1)).front().outcome == "refused");
  }
  // What takes from others than them may, and so may all that is about plain users.
  for (const auto* line :
       {"container unshare root/vault --group dev", "user add nina --key KEY", "user set alice --auth publickey",
        "user disable alice", "user enable alice", "key add bob KEY2", "group join dev bob", "group leave dev bob",
        "container share alice/web bob", "container move alice/web --backend be1 --address 10.0.3.101",
        "container remove alice/web --yes", "user remove alice", "backend drain be1"}) {
    CAPTURE(line);
    CHECK(world.type(line).err == "");
  }
}

// What they do to a machine is in no row that could be compared.
TEST_CASE("roles: no errand of an operator is for a container of somebody with a role") {
  RoleWorld world;
  for (const auto& command : commands()) {
    if (command.effect != Command::Effect::errand || command.role == Role::admin) continue;
    CAPTURE(command.words);
    CHECK(world.refused(std::string(command.words) + " root/vault") ==
          "only an administrator may change container root/vault: it concerns somebody who has a role\n");
    CHECK(world.refused(std::string(command.words) + " alice/web").starts_with("no running bastion"));
  }
}

TEST_CASE("roles: help and Tab offer to each what the table lets them give") {
  const auto offers = [](const std::string& typed, std::string_view word, Role role) {
    const auto candidates = complete(typed, {}, role).candidates;
    return std::ranges::find(candidates, word) != candidates.end();
  };
  for (const auto role : kRoles) {
    const auto help = help_for({"help", "all"}, role)->out;
    for (const auto& command : commands()) {
      CAPTURE(store::text_of(role));
      CAPTURE(command.words);
      const bool is_theirs = command.role <= role;
      const std::string words{command.words};
      CHECK(help.contains("  " + usage_of(command, role) + "\n") == is_theirs);
      const auto blank = words.rfind(' ');
      if (blank != std::string::npos)
        CHECK(offers(words.substr(0, blank + 2), words.substr(blank + 1), role) == is_theirs);
      for (const auto& parameter : command.parameters) {
        if (!parameter.is_option()) continue;
        CHECK(offers(words + " --", parameter.name, role) == (is_theirs && parameter.role <= role));
        CHECK(usage_of(command, role).contains(parameter.name) == (parameter.role <= role));
      }
    }
  }
}

TEST_CASE("roles: whoever asks for what is not theirs is told for whom it is") {
  CHECK(help_for({"help", "import"}, Role::auditor)->out == "  none that you may give: they are for administrators\n");
  CHECK(help_for({"help", "ban"}, Role::auditor)
            ->out.starts_with("  ban list\n      Lists the networks whose connections are refused"));
  CHECK_FALSE(help_for({"help", "ban"}, Role::auditor)->out.contains("ban add"));
  CHECK(help_for({"ban", "add", "--help"}, Role::auditor)->out.contains("For administrators."));
  CHECK(
      help_for({"container", "add", "--help"}, Role::operator_)->out.contains(" --auto-place) --address IP[:PORT] ["));
  CHECK(
      help_for({"container", "add", "--help"}, Role::admin)->out.contains(" (--address IP[:PORT] | --command CMD) ["));
  CHECK(complete("", {}, Role::user).candidates == std::vector<std::string>{"exit", "help", "me"});
  AdminWorld world;
  world.context.role = Role::auditor;
  CHECK_FALSE(world.type("user").err.contains("user add"));
  CHECK(world.type("explain").err.contains("usage: explain USER"));
  CHECK_FALSE(world.type("explain").err.contains("--wake"));
}

TEST_CASE("roles: they come back from a document, with groups and the names of directories") {
  AdminWorld world;
  world.furnished();
  world.done("user add CORP\\nora --role auditor --key KEY2");
  world.done("user add olga@corp.example --role operator");
  world.done("group add ops");
  for (const auto* member : {"alice", "CORP\\nora"}) world.done("group join ops " + std::string(member));
  world.done("container share alice/web --group ops");
  world.done("backend set be1 --groups ops");
  const auto document = world.done("export --json");
  AdminWorld other;
  other.file_text = document;
  other.type("apply file");
  CHECK(other.done("export --json") == document);
  CHECK(must(other.users.get("CORP\\nora")).role == Role::auditor);
  CHECK(must(other.users.get("olga@corp.example")).role == Role::operator_);
  CHECK(other.json("apply file")["changes"].empty());
}

TEST_CASE("roles: who has lost a role while a command waits gives it no more") {
  RoleWorld world;
  world.context.role_by_now = []() -> Result<Role> { return Role::auditor; };
  CHECK(world.refused("user disable bob") == "user disable is for operators and administrators\n");
  CHECK(world.done("user list").contains("bob"));
}

TEST_CASE("roles: each is kept, and is what the one before knows as a plain user unless it may all") {
  AdminWorld world;
  world.done("user add root --role admin");
  for (const auto role : kRoles) {
    const auto name = "u" + std::string(store::text_of(role));
    world.done("user add " + name + " --role " + std::string(store::text_of(role)));
    CHECK(must(world.users.get(name)).role == role);
    const auto column = must(store::Statement(world.database, "SELECT role FROM users WHERE name = ?")
                                 .first([](const store::Row& row) { return row.text(0); }, {name}));
    CHECK(column == (role == Role::admin ? "admin" : "user"));
  }
  world.done("user set uoperator --role auditor");
  CHECK(must(world.users.get("uoperator")).role == Role::auditor);
  world.done("user set uadmin --role operator --options restrict");
  CHECK(must(world.users.get("uadmin")).role == Role::operator_);
}

}  // namespace bastion::admin
