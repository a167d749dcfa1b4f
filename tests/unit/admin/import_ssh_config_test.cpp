// What people have in ~/.ssh/config, as ssh itself understands it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/ssh_answer.h"
#include "bastion/admin/manifest/ssh_config_lines.h"
#include "bastion/admin/manifest/ssh_jump.h"
#include "bastion/base/whole_file.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using namespace std::string_view_literals;

SshAnswer ask_ssh_here(const SshQuestion& question) { return ask_ssh(question, run_ssh); }

SshConfigTerms through_ssh(const std::optional<std::string>& bastion = std::nullopt) {
  return {.bastion = bastion,
          .ask_ssh = ask_ssh_here,
          .read_included = [](const std::string&) -> Result<std::vector<NamedText>> { return fail("it is not here"); }};
}

// Everything that comes of it, one below the other.
std::string rows(const Imported& imported) {
  std::string text;
  for (const auto& one : *imported.directory.users) text += fmt::format("user {}\n", one.name);
  for (const auto& one : *imported.directory.backends) {
    text +=
        fmt::format("backend {} {}@{} via {}\n", one.name, *one.account, one.address->text(), (*one.via).value_or("-"));
  }
  for (const auto& one : *imported.directory.containers) {
    text += fmt::format("container {} {}@{} on {}\n", one.full_name(), *one.account, one.address->text(), *one.backend);
  }
  for (const auto& [name, why] : imported.skipped) text += fmt::format("skipped {}: {}\n", name, why);
  return text;
}

std::string rows(std::string_view config, const std::optional<std::string>& bastion = std::nullopt) {
  return rows(must(import_ssh_config(config, through_ssh(bastion))));
}

std::string rows_of_file(std::string_view name) {
  const auto folder = std::filesystem::path(BASTION_SOURCE_DIR) / "tests/inputs/ssh-config";
  return rows(must(read_whole_file(folder / name)));
}

std::string jumps(const Result<std::vector<SshJump>>& found) {
  if (!found) return found.error().text;
  std::string text;
  for (const auto& jump : *found) {
    text += fmt::format("{}{}|{}|{}", text.empty() ? "" : " ", jump.user, jump.host, jump.port);
  }
  return text;
}

// All that ssh is ever given.
constexpr std::string_view kKeywords[] = {"Host", "Match",     "hostname",     "user",
                                          "port", "proxyjump", "ProxyCommand", "tag"};

const SshTokens kTokens{.host = "10.0.0.1", .original = "in", .port = "22", .user = "alice"};

}  // namespace

TEST_CASE("ssh_config: files that people have, each with the rows that it gives") {
  CHECK(rows_of_file("alias-behind-user") ==
        "user alice\n"
        "backend gw-ops ops@192.0.2.1:2200 via -\n"
        "container alice/in alice@10.0.0.1:22 on gw-ops\n");
  CHECK(rows_of_file("percent-r-in-jump") ==
        "user alice\n"
        "backend gw-alice alice@192.0.2.1:22 via -\n"
        "container alice/in alice@10.0.0.1:22 on gw-alice\n");
  CHECK(rows_of_file("capitals") ==
        "user ubuntu\n"
        "backend team-gateway dora@192.0.2.9:22 via -\n"
        "container ubuntu/target ubuntu@10.0.0.77:22 on team-gateway\n");
  CHECK(rows_of_file("one-host-four-spellings") ==
        "user alice\n"
        "backend gw a@192.0.2.1:22 via -\n"
        "backend gw-ops ops@192.0.2.1:22 via -\n"
        "backend gw-ops-2200 ops@192.0.2.1:2200 via -\n"
        "container alice/in alice@10.0.0.1:22 on gw\n"
        "container alice/in2 alice@10.0.0.2:22 on gw-ops\n"
        "container alice/in3 alice@10.0.0.3:22 on gw-ops-2200\n"
        "container alice/in4 alice@10.0.0.4:22 on gw-ops-2200\n");
  CHECK(rows_of_file("defaults-and-proxycommand") ==
        "user alice\n"
        "backend gw a@192.0.2.1:2222 via -\n"
        "container alice/in alice@10.0.0.1:2222 on gw\n"
        "container alice/cmd alice@10.0.0.2:2222 on gw\n"
        "skipped line 1: Include config.d/*: it is not here\n");
  CHECK(rows_of_file("patterns-give-the-jump") ==
        "user deploy\nuser postgres\n"
        "backend gate jumper@gate.example.com:2222 via -\n"
        "container deploy/lab-web deploy@10.0.4.11:22 on gate\n"
        "container postgres/lab-db postgres@10.0.4.12:22 on gate\n"
        "skipped line 1: Include conf.d/*: it is not here\n");
  CHECK(rows_of_file("two-accounts-one-machine") ==
        "user alice\nuser root\n"
        "backend gw alice@192.0.2.1:22 via -\n"
        "backend gw-bob bob@192.0.2.1:22 via -\n"
        "backend gw-2222 alice@192.0.2.1:2222 via -\n"
        "backend be1 admin@10.1.1.1:22 via gw\n"
        "container alice/web alice@10.0.3.100:22 on gw\n"
        "container root/web-root root@10.0.3.100:22 on gw\n"
        "container alice/web2 alice@10.0.3.100:22 on gw-bob\n"
        "container alice/web3 alice@10.0.3.101:22 on gw-2222\n"
        "container alice/inner1 alice@10.0.3.5:22 on be1\n"
        "skipped inner2: it is the same as inner1, which is taken over\n");
}

TEST_CASE("ssh_config: who is jumped through is a backend, who is at the end a container") {
  constexpr std::string_view kNested = R"(
# ~/.ssh/config
Host jump
    HostName 203.0.113.1
    User admin
    IdentityFile ~/.ssh/jump_key
    UseKeychain yes
Host backend-1
    HostName 10.1.1.1
    User admin
    ProxyJump jump
Host alice-dev
    HostName 10.0.3.100
    User alice
    Port 2200
    ProxyJump backend-1
)";
  CHECK(rows(kNested) ==
        "user alice\n"
        "backend jump admin@203.0.113.1:22 via -\n"
        "backend backend-1 admin@10.1.1.1:22 via jump\n"
        "container alice/alice-dev alice@10.0.3.100:2200 on backend-1\n");
  CHECK(rows(kNested, "Jump") ==
        "user alice\n"
        "backend backend-1 admin@10.1.1.1:22 via -\n"
        "container alice/alice-dev alice@10.0.3.100:2200 on backend-1\n");
  CHECK(refused(import_ssh_config(kNested, through_ssh("jmp"))) ==
        "nothing in it is jumped through as jmp: --bastion is one of backend-1, jump");
}

TEST_CASE("ssh_config: a chain on one line stands in the place of what its hosts say themselves") {
  CHECK(rows("Host jump\nHostName j.example\nUser=admin\n"
             "Host gw\nHostName 10.1.1.9\nUser admin\nProxyJump elsewhere\n"
             "Host a b\n  hostname 10.0.3.100\n  user alice\n  proxyjump jump,admin@10.1.1.1\n"
             "Host c\n  HostName fd00::7\n  User bob\n  ProxyJump jump,gw,hop@[fd00::1]:2222\n") ==
        "user alice\nuser bob\n"
        "backend jump admin@j.example:22 via -\n"
        "backend host-10.1.1.1-admin admin@10.1.1.1:22 via jump\n"
        "backend gw admin@10.1.1.9:22 via jump\n"
        "backend host-fd00--1-hop-2222 hop@[fd00::1]:2222 via gw\n"
        "container alice/a alice@10.0.3.100:22 on host-10.1.1.1-admin\n"
        "container bob/c bob@[fd00::7]:22 on host-fd00--1-hop-2222\n"
        "skipped b: it is the same as a, which is taken over\n");
}

TEST_CASE("ssh_config: what cannot be taken over is a row that says why") {
  CHECK(rows("Host alone\n  HostName 10.0.3.1\n  User u\n"
             "Host nobody\n  HostName 10.0.3.2\n  ProxyJump jump\n"
             "Host named\n  HostName box.example\n  User u\n  ProxyJump ok\n"
             "Host round\n  HostName 10.0.3.3\n  User u\n  ProxyJump loop\nHost loop\n  User u\n  ProxyJump loop\n"
             "Host direct\n  HostName 10.0.3.4\n  User u\n  ProxyJump us\n"
             "Host odd\n  HostName 10.0.3.5\n  User u\n  ProxyCommand corkscrew proxy 8080 %h %p\n"
             "Host 1st\n  User u\n  ProxyJump ok\n"
             "Host two\n  HostName 10.0.3.6\n  User u\n  ProxyJump jump\n"
             "Host jump\n  HostName 10.1.1.1\nHost ok\n  User o\n  HostName 10.1.1.2\n",
             "us") ==
        "user u\n"
        "backend ok o@10.1.1.2:22 via -\n"
        "container u/named u@box.example:22 on ok\n"
        "skipped alone: it is reached without a jump: `container add` says where it is\n"
        "skipped nobody: it does not say who logs in: User is missing\n"
        "skipped round: its jumps lead in a circle: loop > loop\n"
        "skipped loop: its jumps lead in a circle: loop > loop\n"
        "skipped direct: nothing but the bastion stands before it: add a backend with --direct first\n"
        "skipped odd: ProxyCommand corkscrew proxy 8080 %h %p is more than a jump: only `ssh -W %h:%p HOST` and "
        "`ssh HOST nc %h %p` are understood\n"
        "skipped 1st: \"1st\" cannot be a name: a name is small letters, digits, '_', '.' and '-', beginning with a "
        "letter or '_', 32 characters at most\n"
        "skipped two: its jump jump does not say who logs in: User is missing\n");
}

TEST_CASE("ssh_config: a circle of several, and a chain that is merely long") {
  CHECK(rows("Host a\nUser u\nProxyJump b\nHost b\nUser u\nProxyJump c\nHost c\nUser u\nProxyJump a\n") ==
        "skipped a: its jumps lead in a circle: b > a > c > b\n"
        "skipped b: its jumps lead in a circle: c > b > a > c\n"
        "skipped c: its jumps lead in a circle: a > c > b > a\n");
  std::string chain = "Host *\nUser u\nHost h0\nHostName 10.0.0.1\n";
  for (int i = 1; i <= 17; ++i) chain += fmt::format("Host h{}\nHostName 10.0.0.{}\nProxyJump h{}\n", i, i + 1, i - 1);
  const auto found = rows(chain);
  CHECK(found.contains("skipped h17: it is reached through more than 16 jumps\n"));
  CHECK_FALSE(found.contains("circle"));
}

TEST_CASE("ssh_config: nothing that a file says is executed, nor is what stands under it") {
  const test::TemporaryFolder folder;
  const auto trap = (folder / "touched").string();
  const auto touch = "touch " + trap;
  const auto found = rows(fmt::format(
      "Match exec \"{0}\"\n  User x\n"
      "MATCH originalhost in EXEC='{0}'\n  User x\n"
      "Match host in ex\"ec\" \"{0}\"\n  User x\n"
      "Match !exec {0}\n  User x\n"
      "Match host in\n  KnownHostsCommand {0}\n  LocalCommand {0}\n  PermitLocalCommand yes\n"
      "Host in\n  HostName 10.0.0.1\n  User alice\n  ProxyCommand {0}; ssh -W %h:%p gw\n  CanonicalizeHostname yes\n"
      "  Include {1}\n  Include ~/*\n"
      "Host $({0}) `{0}`\n  User x\n"
      "Host other\n  HostName 10.0.0.2\n  User $({0})\n",
      touch, trap));
  CHECK_FALSE(std::filesystem::exists(trap));
  for (const auto* const line :
       {"skipped line 1: Match exec \"touch ", "skipped line 3: Match originalhost in EXEC='touch ",
        "skipped line 5: Match host in ex\"ec\" \"touch ", "skipped line 7: Match !exec touch ",
        ": an import executes no command, so what stands under it is left out\n",
        "skipped line 10: knownhostscommand touch ", "skipped line 11: localcommand touch ",
        "skipped in: ProxyCommand touch ", "skipped line 20: Host $(touch ", "skipped other: line 24: user $(touch ",
        ": it is not read under a Host or Match that is not *\n"}) {
    CAPTURE(line);
    CAPTURE(found);
    CHECK(found.contains(line));
  }
  CHECK_FALSE(found.contains("user x"));
}

// Each alone: what ssh refuses in one line would keep it from the next.
TEST_CASE("ssh_config: a command that is spelled as something else is not executed either") {
  const test::TemporaryFolder folder;
  const auto trap = (folder / "touched").string();
  constexpr const char* kConfigs[] = {
      "Match host *=exec=touch${{IFS}}{}",
      "Match host *=exec=>{}",
      "Match host in,*=exec>{}",
      "Match host=*=exec=>{}",
      "Match host * exec=>{}",
      "Match host *=!exec=>{}",
      "Match=host=*=exec=>{}",
      "Match originalhost in exec >{}",
      "Match originalhost=in=EXEC=>{}",
      "Match user * !exec >{}",
      "Match !user x=exec=>{}",
      "Match all=exec=>{}",
      "Match final exec >{}",
      "Match final=exec=>{}",
      "Match canonical=exec=>{}",
      "Match \"host\" \"*=exec=>{}\"",
      "Match host \"*\"exec\">{}\"",
      "Match host '*=exec=>{}'",
      "Match host *\texec\t>{}",
      "Match host *\fexec\f>{}",
      "Match host *\vexec=>{}",
      "Match host *\\ exec=>{}",
      "Match host * #\\\nMatch exec=>{}",
      "Match localuser *=exec=>{}",
      "Match localnetwork 0.0.0.0/0=exec=>{}",
      "Match tagged *=exec=>{}",
      "Match version *=exec=>{}",
      "Host *=exec=>{0}\n  HostName x\nMatch exec=>{0}",
      "Host in\n  HostName x=exec=>{}",
      "Host in\n  User \"x\nMatch exec >{}\"",
      "Host in\r\n  User x\rMatch exec >{}",
      "Host in\n  ProxyCommand touch {}",
      "Host in\n  ProxyCommand=>{}",
      "Host in\n  ProxyJump $(touch${{IFS}}{})",
      "Host in\n  ProxyJump `>{}`",
      "Host in\n  LocalCommand >{}\n  PermitLocalCommand yes",
      "Host in\n  KnownHostsCommand /usr/bin/touch {}",
      "Host in\n  PKCS11Provider {}",
      "Host in\n  SecurityKeyProvider {}",
      "Host in\n  HostName ${{HOME}}$(touch${{IFS}}{})",
      "Host in\n  RemoteCommand touch {}",
      "Host in\n  Port 22=exec=>{}",
      "Host in\n  Tag x=exec=>{}",
  };
  for (const auto* const config : kConfigs) {
    const auto text = fmt::format(fmt::runtime(config), trap) + "\n  User x\nHost in\n HostName 10.0.0.1\n User u\n";
    CAPTURE(text);
    rows(text);
    CHECK_FALSE(std::filesystem::exists(trap));
    // And not even when ssh is given all of it.
    static_cast<void>(ask_ssh_here({.config = text, .host = "in"}));
    CHECK_FALSE(std::filesystem::exists(trap));
  }
}

TEST_CASE("ssh_config: whatever is made of the pieces of a command, ssh reads none of it") {
  constexpr std::string_view kPieces[] = {
      "Match", "match", "Host", "host",     "exec",  "EXEC", "!",  "=",   " ",  " ",    " ",   "\t",   "\n",   "\n",
      "\n",    "\r",    "\f",   "\v",       "\"",    "'",    "\\", "#",   "*",  ",",    "all", "user", "User", "x",
      "%h",    "$",     "`",    "HostName", "final", "Port", "22", "Tag", "id", "\0"sv, ";",   "ex"};
  constexpr std::string_view kBeginnings[] = {"Match host x ", "Match all ", "Match user *", "Host x", "User ", ""};
  std::minstd_rand random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string config(kBeginnings[random() % std::size(kBeginnings)]);
    for (auto left = 1 + random() % 16; left > 0; --left) config += kPieces[random() % std::size(kPieces)];
    const auto text = must(ssh_config_lines(config, {.read_included = through_ssh().read_included})).text;
    CAPTURE(config);
    CAPTURE(text);
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      REQUIRE(end != std::string::npos);
      const std::string_view line(text.data() + at, end - at);
      at = end + 1;
      // Nothing at which one version of ssh or another splits, but for the spaces.
      CHECK(line.find_first_of("=\"'\\#$`;\t\r\f\v"sv) == std::string_view::npos);
      CHECK(line.find('\0') == std::string_view::npos);
      const auto space = line.find(' ');
      const auto keyword = line.substr(0, space);
      CHECK(std::ranges::find(kKeywords, keyword) != std::end(kKeywords));
      if (keyword != "Match") continue;
      for (const auto word : std::views::split(line, ' ')) {
        std::string small;
        for (const char c : word)
          small += c == '!' ? std::string{} : std::string(1, static_cast<char>(std::tolower(c)));
        CHECK(small != "exec");
      }
    }
  }
}

TEST_CASE("ssh_config: included files are read in their place, and each other only so deep") {
  auto terms = through_ssh();
  terms.read_included = [](const std::string& pattern) -> Result<std::vector<NamedText>> {
    const std::map<std::string, std::string> files{
        {"gates", "Host gw\n HostName 192.0.2.1\n User a\nInclude self\nInclude none\n"}, {"self", "Include self\n"}};
    const auto found = files.find(pattern);
    if (found == files.end()) return fail("there is no such file");
    return std::vector<NamedText>{{found->first, found->second}};
  };
  const auto found = rows(must(import_ssh_config(
      "Include \"gates\"\nUser alice\nInclude self\nHost in\n HostName 10.0.0.1\n ProxyJump gw\n", terms)));
  CHECK(found ==
        "user alice\n"
        "backend gw a@192.0.2.1:22 via -\n"
        "container alice/in alice@10.0.0.1:22 on gw\n"
        "skipped gates line 4: Include self: it is not read under a Host or Match that is not *\n"
        "skipped gates line 5: Include none: it is not read under a Host or Match that is not *\n"
        "skipped self line 1: Include self: too many files include each other\n");
}

TEST_CASE("ssh_config: a jump that the directory has is that backend, whatever the file calls it") {
  auto terms = through_ssh();
  terms.known_hops = {{.name = "be1", .address = "192.0.2.1:22", .account = "hop"},
                      {.name = "be2", .address = "192.0.2.2:22", .account = "hop", .via = "be1"}};
  constexpr auto* kConfig =
      "Host backend-1\n HostName 192.0.2.1\n User hop\n"
      "Host in\n HostName 10.0.0.1\n User alice\n ProxyJump backend-1\n"
      "Host behind\n HostName 10.0.0.1\n User alice\n ProxyJump hop@192.0.2.1,hop@192.0.2.2\n"
      "Host other\n HostName 10.0.0.2\n User alice\n ProxyJump root@192.0.2.1\n"
      "Host beside\n HostName 10.0.0.3\n User alice\n ProxyJump hop@192.0.2.2\n";
  CHECK(rows(must(import_ssh_config(kConfig, terms))) ==
        "user alice\n"
        "backend host-192.0.2.1-root root@192.0.2.1:22 via -\n"
        "backend host-192.0.2.2-hop hop@192.0.2.2:22 via -\n"
        "container alice/in alice@10.0.0.1:22 on be1\n"
        "container alice/behind alice@10.0.0.1:22 on be2\n"
        "container alice/other alice@10.0.0.2:22 on host-192.0.2.1-root\n"
        "container alice/beside alice@10.0.0.3:22 on host-192.0.2.2-hop\n");
}

TEST_CASE("ssh_config: included files include others as deep as ssh lets them") {
  const auto of_depth = [](int deepest) {
    auto terms = through_ssh();
    terms.read_included = [deepest](const std::string& name) -> Result<std::vector<NamedText>> {
      const auto depth = std::stoi(name);
      if (depth < deepest) return std::vector<NamedText>{{name, fmt::format("Include {}\n", depth + 1)}};
      return std::vector<NamedText>{{name, "Host in\n HostName 10.0.0.1\n User alice\n ProxyJump a@192.0.2.1\n"}};
    };
    return rows(must(import_ssh_config("Include 1\n", terms)));
  };
  CHECK(of_depth(16).contains("container alice/in "));
  CHECK_FALSE(of_depth(16).contains("skipped"));
  CHECK(of_depth(17) == "skipped 16 line 1: Include 17: too many files include each other\n");
}

TEST_CASE("ssh_config: a value that is left out is not replaced by the next one: the host is skipped with the line") {
  const auto with = [](std::string_view setting) {
    return rows(
        fmt::format("Host in\n  {}\nHost gw\n  ProxyJump none\nMatch originalhost in\n  HostName 10.0.0.1\n  User "
                    "root\n  Port 2222\n"
                    "Host *\n  ProxyJump gw\n  User everybody\n",
                    setting));
  };
  CHECK(with("Compression yes").contains("container root/in root@10.0.0.1:2222 on gw\n"));
  for (const auto& [setting, why] :
       std::map<std::string, std::string>{{R"(User CORP\alice)", "\\ in it is not understood here"},
                                          {R"(User "x y")", "it is not made of characters that are understood here"},
                                          {"User x y", "it is more than one word"},
                                          {"User \"x", "a quote in it is not closed"},
                                          {"User %r", "% in it is not understood here"},
                                          {"HostName ${LAB}", "$ in it is not understood here"},
                                          {"HostName %x", "of what begins with %, only %h and %% can stand in it"},
                                          {"HostName", "nothing stands behind it"},
                                          {"Port ssh", "a port is a number from 1 to 65535"},
                                          {"Port 65536", "a port is a number from 1 to 65535"},
                                          {"ProxyJump a;b", "; in it is not understood here"},
                                          {"ProxyJump gw:99999", "gw:99999 is no jump: it looks like ops@gw:22"},
                                          {"ProxyJump gw:%p", "gw: is no jump: it looks like ops@gw:22"}}) {
    CAPTURE(setting);
    const auto space = std::min(setting.find(' '), setting.size());
    auto keyword = setting.substr(0, space);
    for (auto& c : keyword) c = static_cast<char>(std::tolower(c));
    const auto value = space == setting.size() ? std::string(" ") : setting.substr(space);
    const auto found = with(setting);
    CAPTURE(found);
    CHECK(found.contains(fmt::format("skipped in: line 2: {}{}: {}\n", keyword, value, why)));
    CHECK_FALSE(found.contains("container root/"));
  }
  // Of a jump too; and one that another value comes before changes nothing.
  CHECK(rows("Host gw\n  User a b\nHost in\n  User u\n  HostName 10.0.0.1\n  ProxyJump gw\n") ==
        "skipped gw: line 2: user a b: it is more than one word\n"
        "skipped in: its jump gw: line 2: user a b: it is more than one word\n");
  CHECK(rows("Host in\n  User u\n  HostName 10.0.0.1\n  ProxyJump a@gw\nHost *\n  User a b\n  Port 22\n  Port x\n") ==
        "user u\nbackend gw a@gw:22 via -\ncontainer u/in u@10.0.0.1:22 on gw\n");
  // The number in the place of a port is nobody's.
  CHECK(rows("Host a\n  Port 65535\nHost b\n  Port x\nHost gw\n  HostName gw\n  ProxyJump none\n"
             "Host *\n  User u\n  HostName %h.example\n  ProxyJump a@gw\n") ==
        "user u\nbackend gw-a a@gw:22 via -\ncontainer u/a u@a.example:65535 on gw-a\n"
        "skipped b: line 4: port x: a port is a number from 1 to 65535\n");
}

TEST_CASE("ssh_config: two logins at one jump host are two backends") {
  CHECK(
      rows(
          "Host *\n  HostName 10.0.0.%h\nHost a\n  User u\n  ProxyJump alice@gw\nHost b\n  User u\n  ProxyJump bob@gw\n"
          "Host c\n  User u\n  ProxyJump CORP@gw\nHost e\n  User u\n  ProxyJump other,bob@gw\nHost other\n  User o\n")
          .contains("container u/a"));
  const auto found = rows(
      "Host a b c d e\n  User u\n"
      "Host a\n  ProxyJump alice@gw\nHost b\n  ProxyJump bob@gw\nHost c\n  ProxyJump b+b@gw\n"
      "Host d\n  ProxyJump first@other,bob@gw\nHost e\n  ProxyJump b+b@other,bob@gw\n");
  CHECK(found.contains(
      "backend gw-alice alice@gw:22 via -\nbackend gw-bob bob@gw:22 via -\nbackend gw-2 b+b@gw:22 via -\n"));
  CHECK(found.contains("backend gw-bob-via-other-first bob@gw:22 via other-first\n"));
  CHECK(found.contains("backend other-2 b+b@other:22 via -\nbackend gw-bob-via-other-2 bob@gw:22 via other-2\n"));
  CHECK_FALSE(found.contains("skipped"));
}

TEST_CASE("ssh_config: an IPv6 address before another jump is given to ssh as ssh reads it") {
  CHECK(rows("Host in\n  User u\n  HostName 10.0.0.1\n  ProxyJump a@[fd00::1],b@be1\n") ==
        "user u\nbackend host-fd00--1-a a@[fd00::1]:22 via -\nbackend be1-b b@be1:22 via host-fd00--1-a\n"
        "container u/in u@10.0.0.1:22 on be1-b\n");
}

TEST_CASE("ssh_config: the bastion may be the jump of a jump that only a pattern describes") {
  constexpr std::string_view kConfig =
      "Host in\n  User u\n  HostName 10.0.0.1\n  ProxyJump be1\nHost be*\n  User hop\n  ProxyJump us\n";
  CHECK(rows(kConfig, "us") == "user u\nbackend be1 hop@be1:22 via -\ncontainer u/in u@10.0.0.1:22 on be1\n");
  CHECK(refused(import_ssh_config(kConfig, through_ssh("them"))) ==
        "nothing in it is jumped through as them: --bastion is one of be1, us");
  CHECK(refused(import_ssh_config("Host in\n  User u\n", through_ssh("us"))) == "nothing in this file uses a jump");
}

TEST_CASE("ssh_config: what only who asks can answer is left out, and so are tags where ssh does not know them") {
  const auto found = rows(
      "Match user root\n  Port 1\nMatch localuser root\n  Port 2\nMatch host x all\n  Port 3\n"
      "Match tagged x\n  Port 4\nHost in\n  Tag x\n  User u\n  HostName 10.0.0.1\n  ProxyJump a@gw\n");
  CAPTURE(found);
  CHECK(
      found.contains("skipped line 1: Match user root: it depends on who asks, so what stands under it is left out\n"));
  CHECK(found.contains("skipped line 3: Match localuser root: it depends on who asks, "));
  CHECK(found.contains("skipped line 5: Match host x all: all stands alone, "));
  CHECK(found.contains("container u/in u@10.0.0.1:"));
  auto terms = through_ssh();
  terms.ask_ssh = [](const SshQuestion& question) -> SshAnswer {
    if (question.config.contains("ag"))
      return std::unexpected(refusal_of_ssh("/proc/self/fd/0: line 1: Bad configuration option: tag\n"));
    return ask_ssh_here(question);
  };
  const auto old =
      rows(must(import_ssh_config("Match tagged x\n Port 4\nHost in\n Tag x\n User u\n ProxyJump a@gw\n", terms)));
  CHECK(old ==
        "user u\nbackend gw-a a@gw:22 via -\ncontainer u/in u@in:22 on gw-a\n"
        "skipped line 1: Match tagged x: the ssh of this machine does not know tags, so what stands under it is "
        "left out\nskipped line 4: tag x: the ssh of this machine does not know tags\n");
}

TEST_CASE("ssh_config: a failure of ssh is a row, but for one that has nothing to do with the file") {
  constexpr std::string_view kConfig =
      "Host first\n  User u\n  ProxyJump a@gw\n\nHost second\n  User u\n  ProxyJump a@gw\n";
  auto terms = through_ssh();
  const auto fails_for_first = [&](const SshFailure& failure) {
    terms.ask_ssh = [failure](const SshQuestion& question) -> SshAnswer {
      if (question.host == "first") return std::unexpected(failure);
      return ask_ssh_here(question);
    };
    return import_ssh_config(kConfig, terms);
  };
  const auto complained = refusal_of_ssh(
      "Pseudo-terminal will not be allocated because stdin is not a terminal.\r\n"
      "/proc/self/fd/0 line 4: Bad number 'x'.\r\n/proc/self/fd/0: terminating, 1 bad configuration options\r\nno "
      "way\n");
  CHECK(rows(must(fails_for_first(complained))) ==
        "user u\nbackend gw-a a@gw:22 via -\ncontainer u/second u@second:22 on gw-a\n"
        "skipped first: ssh: line 5: Bad number 'x'; no way\n");
  CHECK(rows(must(fails_for_first({.text = "ssh was ended by a signal"})))
            .contains("skipped first: ssh: ssh was ended by a signal\n"));
  CHECK(refused(fails_for_first({SshFailure::Kind::out_of_time})) == "ssh takes too long for all of them");
  CHECK(refusal_of_ssh("jumphost loop via x\r\n").kind == SshFailure::Kind::own_jump);
  terms.ask_ssh = [](const SshQuestion&) -> SshAnswer {
    return std::unexpected(SshFailure{.text = "there is no program ssh on this machine"});
  };
  CHECK(refused(import_ssh_config(kConfig, terms)) ==
        "ssh on the machine of the bastion cannot be used: there is no program ssh on this machine");
}

TEST_CASE("ssh_config: too much of it is said, before ssh is asked") {
  const SshConfigReading reading{.read_included = through_ssh().read_included};
  std::string names = "Host";
  for (int i = 0; i < 2'001; ++i) names += fmt::format(" h{}", i);
  CHECK(refused(ssh_config_lines(names, reading)) == "these are more than 2000 hosts");
  CHECK(must(ssh_config_lines("Host" + std::string(64 * 1024, ' ') + "x\n  User u\n", reading)).text.empty());
  std::string settings;
  for (int i = 0; i < 600'000; ++i) settings += "User abc\n";
  CHECK(refused(ssh_config_lines(settings, reading)) == "this is longer than 4 MiB");
  std::string unknown;
  for (int i = 0; i < 10'001; ++i) unknown += "Match x\n";
  CHECK(refused(ssh_config_lines(unknown, reading)) == "more than 10000 lines of it cannot be taken over");
  auto twice = reading;
  twice.read_included = [](const std::string& name) -> Result<std::vector<NamedText>> {
    return std::vector<NamedText>{{name, "Include x\n"}, {name, "Include x\n"}};
  };
  CHECK(refused(ssh_config_lines("Include x\n", twice)) == "it includes more than 1000 files");
  twice.read_included = [](const std::string& name) -> Result<std::vector<NamedText>> {
    return std::vector<NamedText>{{name, {}, "it is too long"}};
  };
  CHECK(must(ssh_config_lines("Include x\n", twice)).skipped.front().why == "Include x: x: it is too long");
}

TEST_CASE("ssh_config: the ways to say a jump") {
  struct Row {
    const char* text;
    const char* jumps;  // user|host|port
  };
  constexpr Row kProxyJumps[] = {
      {"gw", "|gw|"},
      {"ops@gw", "ops|gw|"},
      {"ops@gw:2200", "ops|gw|2200"},
      {"ssh://ops@gw:2200", "ops|gw|2200"},
      {"ssh://gw/", "|gw|"},
      {"a@b@gw", "a@b|gw|"},
      {"[fd00::1]:22,fd00::2,[fd00::3]", "|fd00::1|22 |fd00::2| |fd00::3|"},
      {"%r@%n-gw:%p,100%%", "100% is no jump: it looks like ops@gw:22"},
      {"%r@%n-gw:%p,%h", "alice|in-gw|22 |10.0.0.1|"},
      {"None", ""},
      {"", ""},
      {"%d", "%d cannot be used in %d: %h, %n, %p and %r can"},
      {"gw%", "% cannot be used in gw%: %h, %n, %p and %r can"},
      {"gw,", " is no jump: it looks like ops@gw:22"},
      {"-oProxyCommand=x", "-oProxyCommand=x is no jump: it looks like ops@gw:22"},
      {"gw:0", "gw:0 is no jump: it looks like ops@gw:22"},
  };
  for (const auto& row : kProxyJumps) {
    CAPTURE(row.text);
    CHECK(jumps(parse_proxy_jump(row.text, kTokens)) == row.jumps);
  }
  constexpr Row kCommands[] = {
      {"ssh -W %h:%p gw", "|gw|"},
      {"ssh gw -W %h:%p", "|gw|"},
      {"exec /usr/bin/ssh -q -W '[%h]:%p' -p2200 -l %r gw 2>/dev/null", "alice|gw|2200"},
      {"ssh -J a,b@c -aqxW %h:%p -i ~/.ssh/id -o StrictHostKeyChecking=no ops@gw", "|a| b|c| ops|gw|"},
      {"ssh ops@gw nc -w 5 %h %p", "ops|gw|"},
      {"ssh ssh://ops@gw:22 exec /bin/netcat %h %p", nullptr},
      {"none", ""},
      {"ssh -W %h:22 gw", nullptr},
      {"ssh -F other -W %h:%p gw", nullptr},
      {"ssh -o ProxyCommand=x -W %h:%p gw", nullptr},
      {"ssh -o 'User x' -W %h:%p gw", nullptr},
      {"ssh gw", nullptr},
      {"ssh -W", nullptr},
      {"ssh gw nc %h %p; id", nullptr},
      {"nc %h %p", nullptr},
      {"ssh -W %h:%p $(id)", nullptr},
  };
  for (const auto& row : kCommands) {
    CAPTURE(row.text);
    const auto found = jumps(parse_proxy_command(row.text, kTokens));
    if (row.jumps != nullptr) CHECK(found == row.jumps);
    if (row.jumps == nullptr) CHECK(found.starts_with(fmt::format("ProxyCommand {} is more than a jump", row.text)));
  }
}

}  // namespace bastion::admin
