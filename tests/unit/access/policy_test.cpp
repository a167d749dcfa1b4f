// Options of authorized_keys(5), as the bastion reads them.
#include "bastion/access/policy.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "bastion/access/authorized_key.h"
#include "bastion/access/policy_options.h"

namespace bastion::access {
namespace {

Policy policy(std::string_view options) {
  CAPTURE(options);
  auto parsed = parse_policy(options);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().text);
  return *std::move(parsed);
}

std::string error_of(std::string_view options) {
  const auto parsed = parse_policy(options);
  REQUIRE_FALSE(parsed);
  return parsed.error().text;
}

// What is switched on, as letters: local, remote, streamlocal, agent, x11, pty.
std::string switches(const Policy& policy) {
  std::string text;
  text += policy.local_forwarding ? 'l' : '-';
  text += policy.remote_forwarding ? 'r' : '-';
  text += policy.streamlocal_forwarding ? 's' : '-';
  text += policy.agent_forwarding ? 'a' : '-';
  text += policy.x11_forwarding ? 'x' : '-';
  text += policy.pty ? 'p' : '-';
  return text;
}

}  // namespace

TEST_CASE("switches, from left to right") {
  struct Row {
    std::string_view options;
    std::string_view on;
  };
  const Row rows[] = {
      {"", "lrsaxp"},
      {"  ", "lrsaxp"},
      {"restrict", "------"},
      {"RESTRICT", "------"},
      {"restrict,pty", "-----p"},
      {"pty,restrict", "------"},
      {"restrict,port-forwarding", "lrs---"},
      {"no-port-forwarding", "---axp"},
      {"no-port-forwarding,local-forwarding", "l--axp"},
      {"no-local-forwarding", "-rsaxp"},
      {"no-remote-forwarding", "l-saxp"},
      {"no-streamlocal-forwarding", "lr-axp"},
      {"no-agent-forwarding,no-X11-forwarding,no-pty", "lrs---"},
      {"No-x11-Forwarding", "lrsa-p"},
      {"restrict,agent-forwarding,X11-forwarding", "---ax-"},
      {"restrict,user-rc", "------"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    CHECK(switches(policy(row.options)) == row.on);
  }
}

TEST_CASE("sftp: which way files may go, and what is said twice counts together") {
  CHECK(policy("").sftp.is_all());
  CHECK(policy("restrict").sftp.is_all());
  CHECK(policy("sftp=\"read\"").sftp == SftpAccess{.read = true, .write = false});
  CHECK(policy("sftp=\"write\"").sftp == SftpAccess{.read = false, .write = true});
  CHECK(policy("sftp=\"none\",sftp=\"all\"").sftp.is_none());
  CHECK(policy("sftp=\"read\",sftp=\"write\"").sftp.is_none());
  CHECK(both(policy("sftp=\"read\""), policy("")).sftp == SftpAccess{.read = true, .write = false});
  CHECK(both(policy("sftp=\"read\""), policy("sftp=\"write\"")).sftp.is_none());
  CHECK(error_of("sftp=\"reading\"") == "the option sftp: \"reading\" is none of none, read, write and all");
  CHECK(error_of("sftp").contains("needs a value"));
}

TEST_CASE("permitopen: where a forward may lead") {
  struct Row {
    std::string_view options;
    std::string_view host;
    std::uint16_t port;
    bool permitted;
  };
  const Row rows[] = {
      {"", "db", 5432, true},
      {R"(permitopen="db:5432")", "db", 5432, true},
      {R"(permitopen="db:5432")", "DB", 5432, true},
      {R"(permitopen="db:5432")", "db", 5433, false},
      {R"(permitopen="db:5432")", "db.example", 5432, false},
      {R"(permitopen="db:*")", "db", 1, true},
      {R"(permitopen="*:80")", "anything", 80, true},
      {R"(permitopen="*:80")", "anything", 81, false},
      {R"(permitopen="d*:80")", "db", 80, false},
      {R"(permitopen="*:*")", "", 0, true},
      {R"(permitopen="db:1",permitopen="web:2")", "web", 2, true},
      {R"(permitopen="db:1",permitopen="web:2")", "web", 1, false},
      {R"(permitopen="[FD00:0::1]:80")", "fd00::1", 80, true},
      {R"(permitopen="127.0.0.1:80")", "localhost", 80, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    CAPTURE(row.host);
    CAPTURE(row.port);
    CHECK(policy(row.options).permits_open(row.host, row.port) == row.permitted);
  }
}

TEST_CASE("permitlisten: where the container may listen for the user") {
  struct Row {
    std::string_view options;
    std::string_view host;
    std::uint16_t port;
    bool permitted;
  };
  const Row rows[] = {
      {"", "", 8080, true},
      {R"(permitlisten="8080")", "", 8080, true},
      {R"(permitlisten="8080")", "localhost", 8080, true},
      {R"(permitlisten="8080")", "localhost", 8081, false},
      {R"(permitlisten="8080")", "localhost", 0, false},
      {R"(permitlisten="*")", "localhost", 0, true},
      {R"(permitlisten="localhost:8080")", "localhost", 8080, true},
      {R"(permitlisten="localhost:8080")", "", 8080, false},
      {R"(permitlisten="local*:*")", "localhost", 1, true},
      {R"(permitlisten="local*:*")", "remote", 1, false},
      {R"(permitlisten="10.0.?.1:*")", "10.0.3.1", 1, true},
      {R"(permitlisten="[::1]:8080")", "0:0::1", 8080, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    CAPTURE(row.host);
    CAPTURE(row.port);
    CHECK(policy(row.options).permits_listen(row.host, row.port) == row.permitted);
  }
  CHECK(policy(R"(permitlisten="8080")").permits_open("db", 1));
  CHECK(policy(R"(permitopen="db:1")").permits_listen("", 8080));
}

TEST_CASE("from: where a login may come from") {
  struct Row {
    std::string_view options;
    std::string_view address;
    bool permitted;
  };
  const Row rows[] = {
      {"", "10.0.0.1", true},
      {"", "not an address", true},
      {R"(from="10.0.0.0/8")", "10.9.9.9", true},
      {R"(from="10.0.0.0/8")", "11.0.0.1", false},
      {R"(from="10.0.0.0/8")", "::ffff:10.9.9.9", true},
      {R"(from="10.0.0.0/8")", "not an address", false},
      {R"(from="10.0.0.1")", "10.0.0.1", true},
      {R"(from="10.0.0.1")", "10.0.0.10", false},
      {R"(from="10.0.0.*")", "10.0.0.77", true},
      {R"(from="10.0.0.*")", "10.0.1.77", false},
      {R"(from="10.0.0.?")", "10.0.0.77", false},
      {R"(from="*")", "2001:db8::1", true},
      {R"(from="fd00::/8,192.0.2.7")", "fd12::1", true},
      {R"(from="fd00::/8,192.0.2.7")", "192.0.2.7", true},
      {R"(from="fd00::/8,192.0.2.7")", "192.0.2.8", false},
      {R"(from="FD00:0:*")", "fd00:1::1", false},
      {R"(from="FD00:*")", "fd00:1::1", true},
      {R"(from="*,!10.0.0.66")", "10.0.0.66", false},
      {R"(from="!10.0.0.66,10.0.0.0/8")", "10.0.0.66", false},
      {R"(from="!10.0.0.66,10.0.0.0/8")", "10.0.0.67", true},
      {R"(from="!10.0.0.0/8")", "192.0.2.1", false},
      {R"(from="!10.*.1,*")", "10.2.3.1", false},
      {R"(from="!10.*.1,*")", "10.2.3.2", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    CAPTURE(row.address);
    CHECK(policy(row.options).permits_from(row.address) == row.permitted);
  }
}

TEST_CASE("a forced command keeps every character that was meant") {
  CHECK_FALSE(policy("").command);
  CHECK(policy(R"(command="uptime")").command == "uptime");
  CHECK(policy(R"(command="echo \"a, b\" c\\d",no-pty)").command == R"(echo "a, b" c\\d)");
  CHECK(policy(R"(COMMAND="")").command == "");
  CHECK(switches(policy(R"(command="restrict",no-pty)")) == "lrsax-");
}

TEST_CASE("a time is UTC, and the earliest counts") {
  CHECK(policy(R"(expiry-time="19700102")").expires_at == 86'400);
  CHECK(policy(R"(expiry-time="19700102Z")").expires_at == 86'400);
  CHECK(policy(R"(expiry-time="197001020001")").expires_at == 86'460);
  CHECK(policy(R"(expiry-time="19700102000102Z")").expires_at == 86'462);
  CHECK(policy(R"(expiry-time="20240229235959z")").expires_at == 1'709'251'199);
  CHECK(policy(R"(expiry-time="19700103",expiry-time="19700102")").expires_at == 86'400);
}

TEST_CASE("what is wrong is said, and what would be right") {
  struct Row {
    std::string_view options;
    std::string_view error;
  };
  const Row rows[] = {
      {"restricted", "there is no option \"restricted\"; did you mean restrict?"},
      {"no-ptty", "there is no option \"no-ptty\"; did you mean no-pty?"},
      {"no-restrict", "there is no option \"no-restrict\"; did you mean restrict?"},
      {"frobnicate", "there is no option \"frobnicate\""},
      {"cert-authority",
       "the option cert-authority is not possible here: it stands before the key of a CA: `key add USER` takes both"},
      {"Tunnel=\"0\"", "the option tunnel is not possible here: tunnel devices are made by the container's sshd"},
      {"environment=\"A=b\"",
       "the option environment is not possible here: the environment is made by the container's sshd"},
      {"no-user-rc",
       "the option no-user-rc is not possible here: ~/.ssh/rc is run by the container's sshd, whatever the bastion "
       "says"},
      {"no-touch-required", "the option no-touch-required is not possible here: a security key must always be touched"},
      {"verify-required=\"yes\"", "the option verify-required takes no value"},
      {"no-verify-required", "there is no option \"no-verify-required\"; did you mean verify-required?"},
      {"pty=\"yes\"", "the option pty takes no value"},
      {"command", "the option command needs a value: command=\"…\""},
      {"command=uptime", "the value of the option command must stand between quotes: command=\"…\""},
      {"command=\"uptime", "the value of the option command must stand between quotes: command=\"…\""},
      {"command=\"uptime\\\"", "the value of the option command must stand between quotes: command=\"…\""},
      {"command=\"a\",command=\"b\"", "the option command: it is given more than once"},
      {"from=\"10.0.0.1\",from=\"10.0.0.2\"", "the option from: it is given more than once"},
      {"from=\"\"", "the option from: there is an empty pattern"},
      {"from=\"10.0.0.1,\"", "the option from: there is an empty pattern"},
      {"from=\"*.example.com\"", "the option from: *.example.com is no address: names of hosts are never looked up"},
      {"from=\"!evil\"", "the option from: evil is no address: names of hosts are never looked up"},
      {"from=\"10.0.0.1/8\"",
       "the option from: 10.0.0.1/8 is not the beginning of a block: some bits after the first 8 are set"},
      {"permitopen=\"80\"",
       "the option permitopen: \"80\" is no host:port, such as localhost:5432, [fd00::1]:80 or db:*"},
      {"permitopen=\"fd00::1:80\"",
       "the option permitopen: \"fd00::1:80\" is no host:port, such as localhost:5432, [fd00::1]:80 or db:*"},
      {"permitopen=\"db:0\"",
       "the option permitopen: \"db:0\" is no host:port, such as localhost:5432, [fd00::1]:80 or db:*"},
      {"permitlisten=\"65536\"",
       "the option permitlisten: \"65536\" is no [host:]port, such as 8080, localhost:8080 or *:*"},
      {"expiry-time=\"tomorrow\"",
       "the option expiry-time: \"tomorrow\" is no time: write 20261231, 202612312359 or 20261231235959Z, all UTC"},
      {"expiry-time=\"20230229\"",
       "the option expiry-time: \"20230229\" is no time: write 20261231, 202612312359 or 20261231235959Z, all UTC"},
      {"no-pty,", "an option is missing: there is one comma, and no space, between two of them"},
      {",no-pty", "an option is missing: there is one comma, and no space, between two of them"},
      {"no-pty, restrict", "an option is missing: there is one comma, and no space, between two of them"},
      {"no-pty restrict", "there is one comma, and no space, between two options"},
      {"command=\"a\"no-pty", "there is one comma, and no space, between two options"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    CHECK(error_of(row.options) == row.error);
  }
  CHECK(error_of(std::string(20'000, 'x')) == "the options are longer than 16384 bytes");
}

TEST_CASE("a user's policy and a key's: what both allow") {
  CHECK(switches(both(policy("no-pty"), policy("no-agent-forwarding"))) == "lrs-x-");
  CHECK(switches(both(policy(""), policy("restrict"))) == "------");
  CHECK(switches(both(policy("restrict"), policy("restrict,pty"))) == "------");

  const auto open = both(policy(R"(permitopen="db:*",permitopen="web:80")"), policy(R"(permitopen="*:5432")"));
  CHECK(open.permits_open("db", 5432));
  CHECK_FALSE(open.permits_open("db", 80));
  CHECK_FALSE(open.permits_open("web", 80));

  const auto listen = both(policy(R"(permitlisten="8080")"), policy(R"(permitlisten="localhost:*")"));
  CHECK(listen.permits_listen("localhost", 8080));
  CHECK_FALSE(listen.permits_listen("", 8080));

  const auto from = both(policy(R"(from="10.0.0.0/8")"), policy(R"(from="10.1.0.0/16,192.0.2.1")"));
  CHECK(from.permits_from("10.1.0.1"));
  CHECK_FALSE(from.permits_from("10.2.0.1"));
  CHECK_FALSE(from.permits_from("192.0.2.1"));

  const auto early = policy(R"(expiry-time="19700102")");
  const auto late = policy(R"(expiry-time="19700103")");
  CHECK(both(early, late).expires_at == 86'400);
  CHECK(both(late, early).expires_at == 86'400);
  CHECK(both(policy(""), late).expires_at == 2 * 86'400);
  CHECK(both(late, policy("")).expires_at == 2 * 86'400);

  CHECK(both(policy(R"(command="user")"), policy(R"(command="key")")).command == "key");
  CHECK(both(policy(R"(command="user")"), policy("")).command == "user");
  CHECK_FALSE(both(policy(""), policy("")).command);
}

TEST_CASE("a line of authorized_keys is options and a key") {
  struct Row {
    std::string_view line;
    std::string_view options;
    std::string_view key;
  };
  const Row rows[] = {
      {"ssh-ed25519 AAAA me@home", "", "ssh-ed25519 AAAA me@home"},
      {" ssh-rsa AAAA\n", "", "ssh-rsa AAAA"},
      {"restrict,pty ssh-ed25519 AAAA me", "restrict,pty", "ssh-ed25519 AAAA me"},
      {"restrict\tecdsa-sha2-nistp256 AAAA", "restrict", "ecdsa-sha2-nistp256 AAAA"},
      {R"(command="a ssh-rsa \" b",no-pty   sk-ssh-ed25519@openssh.com AAAA)", R"(command="a ssh-rsa \" b",no-pty)",
       "sk-ssh-ed25519@openssh.com AAAA"},
      {R"(command="never closed ssh-rsa AAAA)", R"(command="never closed ssh-rsa AAAA)", ""},
      {"restrict", "", "restrict"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----", "", "-----BEGIN OPENSSH PRIVATE KEY-----"},
      {"", "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto split = split_authorized_key(row.line);
    CHECK(split.options == row.options);
    CHECK(split.key == row.key);
  }
}

TEST_CASE("before the key of a CA stands that it is one, and whom its certificates name") {
  const auto plain = parse_key_options("no-pty").value();
  CHECK_FALSE(plain.is_ca);
  CHECK_FALSE(plain.policy.pty);
  const auto by_name = parse_key_options("Cert-Authority").value();
  CHECK(by_name.is_ca);
  CHECK(by_name.principals.empty());
  const auto listed = parse_key_options(R"(principals="ops,night shift",restrict,pty,cert-authority)").value();
  CHECK(listed.is_ca);
  CHECK(listed.principals == std::vector<std::string>{"ops", "night shift"});
  CHECK(listed.policy.pty);
  CHECK_FALSE(listed.policy.local_forwarding);

  struct Row {
    std::string_view options;
    std::string_view error;
  };
  const Row rows[] = {
      {R"(principals="ops")", "the option principals says nothing of a key without cert-authority"},
      {R"(cert-authority,principals="")", "the option principals names nobody"},
      {R"(cert-authority,principals="a,,b")", "the option principals: there is an empty name in \"a,,b\""},
      {R"(cert-authority,principals="a",principals="b")", "the option principals: it is given more than once"},
      {"cert-authority,principals=a", "the value of the option principals must stand between quotes: principals=\"…\""},
      {"cert-authority,principals", "the option principals needs a value: principals=\"…\""},
      {"cert-authority=\"yes\"", "the option cert-authority takes no value"},
      {"cert-authority,no-user-rc",
       "the option no-user-rc is not possible here: ~/.ssh/rc is run by the container's sshd, whatever the bastion "
       "says"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.options);
    const auto parsed = parse_key_options(row.options);
    CHECK((parsed ? "" : parsed.error().text) == row.error);
  }
}

}  // namespace bastion::access
