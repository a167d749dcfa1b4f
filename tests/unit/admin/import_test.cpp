// What other tools know, as a document.
#include "bastion/admin/manifest/import.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bastion/base/whole_file.h"
#include "bastion/transport/keys.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using Texts = std::vector<std::string>;

const std::string kLaptopKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f laptop";
const std::string kOtherLaptopKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

const std::string kKeyInBase64 =
    "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSUFBQkFnTUVCUVlIQ0FrS0N3d05EZzhRRVJJVEZCVVdGeGdaR2hzY0hSNGYgbGFwdG"
    "9wCg==";

// `10.0.3.1` with kLaptopKey.
const std::string kOtherKnownHost =
    "MTAuMC4zLjEgc3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSUFBQkFnTU"
    "VCUVlIQ0FrS0N3d05EZzhRRVJJVEZCVVdGeGdaR2hzY0hSNGYK";

// For lists too long to guess what is wrong with them.
std::string one_below_the_other(const Texts& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

Texts skipped_by(const Imported& imported) {
  Texts lines;
  for (const auto& [name, why] : imported.skipped) lines.push_back(fmt::format("{}: {}", name, why));
  return lines;
}

Texts containers_of(const Imported& imported) {
  Texts lines;
  for (const auto& one : *imported.directory.containers) {
    lines.push_back(
        fmt::format("{} {} {} {}", one.full_name(), *one.backend, one.address->text(), one.account.value_or("-")));
  }
  return lines;
}

Texts backends_of(const Imported& imported) {
  Texts lines;
  for (const auto& one : *imported.directory.backends) {
    lines.push_back(
        fmt::format("{} {}@{} via {}", one.name, *one.account, one.address->text(), (*one.via).value_or("-")));
  }
  return lines;
}

// One instance as incus prints it, as far as we read it.
std::string instance(std::string_view name, std::string_view networks, std::string_view more = "",
                     std::string_view status = "Running", std::string_view location = "none") {
  return fmt::format(R"({{"name": "{}", "status": "{}", "location": "{}", "type": "container",
                          "expanded_devices": {{"root": {{"type": "disk"}}, "eth0": {{"type": "nic", "name": "eth0"}}}},
                          "state": {{"network": {{{}}}}}{}}})",
                     name, status, location, networks, more);
}

std::string card(std::string_view name, std::string_view address, std::string_view family = "inet",
                 std::string_view scope = "global", std::string_view host_name = "") {
  return fmt::format(R"("{}": {{"host_name": "{}", "addresses": [
      {{"family": "{}", "scope": "{}", "address": "{}"}}]}})",
                     name, host_name, family, scope, address);
}

Imported incus(const std::string& instances, const IncusTerms& terms = {.backend = "be1"}) {
  return must(import_incus("[" + instances + "]", terms));
}

Imported sshpiper(const std::string& pipes) {
  static const std::map<std::string, std::string> kFiles{
      {"keys/alice", kLaptopKey + "\n"},
      {"/etc/keys/bob", "# bob's\n" + kOtherLaptopKey + "\ncert-authority " + kLaptopKey + "\n"},
      {"/etc/hosts",
       "10.0.3.1,db " + kOtherLaptopKey + "\n[10.0.3.2]:2222 " + kOtherLaptopKey + "\n* " + kLaptopKey + "\n"},
      {"/etc/two",
       "10.0.3.1 ecdsa-sha2-nistp256 nonsense\n10.0.3.1 " + kOtherLaptopKey + "\n10.0.3.1 " + kLaptopKey + "\n"},
      {"/etc/hashed", "|1|c2FsdA==|aGFzaA== " + kOtherLaptopKey + "\n"}};
  const auto read = [](const std::string& path) -> Result<std::string> {
    const auto found = kFiles.find(path);
    if (found == kFiles.end()) return fail("{}: No such file or directory", path);
    return found->second;
  };
  return must(import_sshpiper("version: \"1.0\"\npipes:\n" + pipes, {.backend = "lan", .read = read}));
}

// Everybody with the keys and the container that she has.
Texts rows_of(const Imported& imported) {
  auto rows = containers_of(imported);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& container = (*imported.directory.containers)[i];
    for (const auto& share : *container.shares) rows[i] += " +" + share.user;
    if (container.host_key) rows[i] += " " + transport::fingerprint((*container.host_key)->blob).substr(7, 4);
  }
  for (const auto& user : *imported.directory.users) {
    auto& row = rows.emplace_back("user " + user.name);
    for (const auto& key : *user.keys) row += " " + transport::fingerprint(key.key.key.blob).substr(7, 4);
  }
  return rows;
}

}  // namespace

TEST_CASE("authorized_keys: a file belongs to whom it is called after, or in whose folder it stands") {
  const auto imported = import_authorized_keys({{"alice", kLaptopKey},
                                                {"bob.pub", kLaptopKey},
                                                {"carol.keys", kLaptopKey + "\n" + kOtherLaptopKey},
                                                {"dave/authorized_keys", kLaptopKey},
                                                {"home/erin/.ssh/authorized_keys", kLaptopKey},
                                                {"Frank", kLaptopKey},
                                                {"authorized_keys", kLaptopKey}});
  Texts users;
  for (const auto& user : *imported.directory.users) {
    users.push_back(fmt::format("{} {}", user.name, user.keys->size()));
  }
  CHECK(users == Texts{"alice 1", "bob 1", "carol 2", "dave 1", "erin 1"});
  REQUIRE(imported.skipped.size() == 2);
  CHECK(imported.skipped[0].why.starts_with("\"Frank\" cannot be a user: "));
  CHECK(imported.skipped[1].name == "authorized_keys");
}

TEST_CASE("authorized_keys: told whose they are, no file needs a name that says so") {
  const auto imported = import_authorized_keys({{"standard input", kLaptopKey + "\n" + kOtherLaptopKey}}, "alice");
  REQUIRE(imported.directory.users->size() == 1);
  CHECK(imported.directory.users->front().name == "alice");
  CHECK(imported.directory.users->front().keys->size() == 2);
  CHECK(imported.skipped.empty());
}

TEST_CASE("authorized_keys: options come along, and a line that cannot be enforced is reported") {
  const auto imported =
      import_authorized_keys({{"alice", "# alice's\n\nrestrict,command=\"a b\" " + kLaptopKey + "\r\ncert-authority " +
                                            kOtherLaptopKey + "\n" + kLaptopKey + "\nhello world\n"}});
  REQUIRE(imported.directory.users->size() == 1);
  const auto& keys = *imported.directory.users->front().keys;
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].options == "restrict,command=\"a b\"");
  CHECK(keys[0].key.comment == "laptop");
  CHECK(
      skipped_by(imported) ==
      Texts{"alice line 4: the option cert-authority is not possible here: certificates are not accepted as keys",
            "alice line 5: the user has this key already",
            "alice line 6: this is not a public key: it looks like \"ssh-ed25519 AAAA… comment\", as in a .pub file"});
}

TEST_CASE("incus: the address of its own card, not of a bridge it made itself") {
  CHECK(containers_of(incus(instance("alice", card("docker0", "172.17.0.1") + "," + card("eth0", "10.0.3.100")))) ==
        Texts{"alice/alice be1 10.0.3.100:22 -"});
  CHECK(containers_of(incus(instance("alice", card("lo", "127.0.0.1", "inet", "local") + "," +
                                                  card("enp5s0", "10.0.3.9", "inet", "global", "tap1234")))) ==
        Texts{"alice/alice be1 10.0.3.9:22 -"});
  CHECK(containers_of(incus(instance("alice", card("eth0", "FD42:0::1", "inet6")))) ==
        Texts{"alice/alice be1 [fd42::1]:22 -"});
  CHECK(skipped_by(
            incus(instance("alice", card("docker0", "172.17.0.1") + "," + card("eth0", "fe80::1", "inet6", "link")))) ==
        Texts{"alice: no network card of its own has an address"});
}

TEST_CASE("incus: what is stopped, elsewhere or without a place is reported") {
  const auto eth0 = card("eth0", "10.0.3.100");
  const auto two = instance("alice", eth0, "", "Running", "be1") + "," + instance("bob", eth0, "", "Running", "be2");
  CHECK(containers_of(incus(two)) == Texts{"alice/alice be1 10.0.3.100:22 -"});
  CHECK(skipped_by(incus(two)) == Texts{"bob: it runs on be2"});
  CHECK(containers_of(incus(two, {})) == Texts{"alice/alice be1 10.0.3.100:22 -", "bob/bob be2 10.0.3.100:22 -"});
  CHECK(containers_of(incus(two, {.owner = "root", .account = "admin"})) ==
        Texts{"root/alice be1 10.0.3.100:22 admin", "root/bob be2 10.0.3.100:22 admin"});
  CHECK(skipped_by(incus(instance("alice", eth0), {})) ==
        Texts{"alice: it does not say where it runs: give --backend"});
  CHECK(skipped_by(incus(instance("alice", eth0, "", "Stopped"))) ==
        Texts{"alice: it is not running, so it has no address"});
  CHECK(skipped_by(incus("7, {}, {\"name\": 3}")).size() == 3);
  CHECK(refused(import_incus("{}", {})) == "this is not what `incus list --format json` prints: a list is expected");
  CHECK(refused(import_incus("[", {})) == "this is not what `incus list --format json` prints: a list is expected");
}

TEST_CASE("incus: a list so deep that it fills the memory is none") {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK(must(import_incus(nested(32), {})).skipped.size() == 1);
  CHECK(must(import_incus(R"([{"name": "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}])", {})).skipped.size() == 1);
  CHECK(refused(import_incus(nested(33), {})) ==
        "this is not what `incus list --format json` prints: a list is expected");
  CHECK(refused(import_incus(std::string(16 << 20, '['), {})) ==
        "this is not what `incus list --format json` prints: a list is expected");
}

TEST_CASE("incus: a list of very many is looked at once, and is none") {
  std::string list = "[{}";
  while (list.size() < 16 << 20) list += ",{}";
  CHECK(refused(import_incus(list + "]", {})) == "these are more than 100000 instances");
}

TEST_CASE("ssh_config: who is jumped through is a backend, who is at the end a container") {
  constexpr std::string_view kNested = R"(
# ~/.ssh/config
Host jump
    HostName 203.0.113.1
    User admin
    IdentityFile ~/.ssh/jump_key
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
  const auto all = import_ssh_config(kNested, std::nullopt);
  CHECK(backends_of(all) == Texts{"jump admin@203.0.113.1:22 via -", "backend-1 admin@10.1.1.1:22 via jump"});
  CHECK(containers_of(all) == Texts{"alice/alice-dev backend-1 10.0.3.100:2200 alice"});
  const auto replaced = import_ssh_config(kNested, "jump");
  CHECK(backends_of(replaced) == Texts{"backend-1 admin@10.1.1.1:22 via -"});
  CHECK(skipped_by(replaced) == Texts{});
}

TEST_CASE("ssh_config: a chain on one line, and jumps without an alias") {
  const auto imported = import_ssh_config(
      "Host=jump\nHostName=j.example\nUser=admin\n"
      "Host alice-dev\n  hostname 10.0.3.100\n  user alice\n  proxyjump jump,admin@10.1.1.1\n"
      "Host bob-dev\n  HostName fd00::7\n  User bob\n  ProxyJump jump,hop@10.1.1.2:2222\n",
      "jump");
  CHECK(backends_of(imported).back() == "host-10.1.1.2 hop@10.1.1.2:2222 via -");
  CHECK(containers_of(imported).back() == "bob/bob-dev host-10.1.1.2 [fd00::7]:22 bob");
}

TEST_CASE("ssh_config: what says too little is reported") {
  const auto imported = import_ssh_config(
      "Host *\n  User x\nHost a*\nMatch user y\nHost alone\n  HostName 10.0.3.1\n  User u\n"
      "Host nobody\n  HostName 10.0.3.2\n  ProxyJump jump\n"
      "Host named\n  HostName box.example\n  User u\n  ProxyJump jump\n"
      "Host round\n  HostName 10.0.3.3\n  User u\n  ProxyJump loop\nHost loop\n  User u\n  ProxyJump loop\n"
      "Host direct\n  HostName 10.0.3.4\n  User u\n  ProxyJump us\n"
      "Host jump\n  HostName 10.1.1.1\n",
      "us");
  CHECK(one_below_the_other(skipped_by(imported)) ==
        one_below_the_other({"a*: only a Host with one name and no wildcard can be taken over",
                             "user y: only a Host with one name and no wildcard can be taken over",
                             "alone: it is reached without a jump: `container add` says where it is",
                             "direct: nothing but the bastion stands before it: add a backend with --direct first",
                             "named: its jump jump does not say who logs in: User is missing",
                             "nobody: it does not say who logs in: User is missing, or cannot be a name",
                             "round: its jumps lead in a circle"}));
  CHECK(import_ssh_config("Host c\nHostName 10.0.3.5\nUser u\nProxyJump jump\nHost jump\nHostName 10.1.1.1", "us")
            .skipped.front()
            .why == "its jump jump does not say who logs in: User is missing");
}

TEST_CASE("sshpiper: who comes is a user, and where she is piped to her container") {
  const auto imported = sshpiper(R"(
- from:
    - username: alice
      authorized_keys: keys/$DOWNSTREAM_USER
  to: {host: "10.0.3.1:22", username: root, known_hosts: /etc/hosts}
- from:
    - username: bob
      authorized_keys: ["/etc/keys/${DOWNSTREAM_USER}"]
      authorized_keys_data: )" + kKeyInBase64 +
                                 R"(
  to:
    host: 10.0.3.2:2222
    ignore_hostkey: true
)");
  CHECK(rows_of(imported) == Texts{"alice/alice lan 10.0.3.1:22 root oIVT", "bob/bob lan 10.0.3.2:2222 bob",
                                   "user alice ZkAs", "user bob oIVT ZkAs"});
  CHECK(skipped_by(imported) == Texts{"pipes[1], from[0] (bob), /etc/keys/bob line 3: the option cert-authority is not "
                                      "possible here: certificates are not accepted as keys"});
}

TEST_CASE("sshpiper: who comes to the same place with the same login shares it") {
  const auto imported = sshpiper(R"(
- from: [{username: alice, authorized_keys: keys/alice}, {username: bob, authorized_keys: /etc/keys/bob}]
  to: {host: 10.0.3.1, username: root}
- from: [{username: alice, authorized_keys: /etc/keys/bob}]
  to: {host: 10.0.3.1:22, username: root}
- from: [{username: carol, authorized_keys: keys/alice}]
  to: {host: 10.0.3.1, username: carol}
- from: [{username: alice, authorized_keys: keys/carol}]
  to: {host: 10.0.3.9, username: root}
)");
  CHECK(rows_of(imported) == Texts{"alice/alice lan 10.0.3.1:22 root +bob", "carol/carol lan 10.0.3.1:22 carol",
                                   "user alice ZkAs oIVT", "user bob oIVT", "user carol ZkAs"});
  Texts skipped = skipped_by(imported);
  std::erase_if(skipped, [](const std::string& line) { return line.contains("cert-authority"); });
  CHECK(skipped ==
        Texts{"pipes[3], from[0] (alice): a pipe before it leads this user to root@10.0.3.1:22; here the key does not "
              "decide where a user lands, so its keys are left out too: `container add` and `key add` give them this "
              "one"});
}

// They stand as people have them, in tests/inputs.
TEST_CASE("sshpiper: two users of one host, each with an account there") {
  const auto folder = std::filesystem::path(BASTION_SOURCE_DIR) / "tests/inputs/sshpiper";
  const auto read = [&](const std::string& path) { return read_whole_file(folder / path); };
  const auto imported = must(import_sshpiper(must(read("two-users-one-host.yaml")), {.backend = "lan", .read = read}));
  CHECK(rows_of(imported) == Texts{"alice/alice lan 192.0.2.15:22 alice", "bob/bob lan box.example.com:22 bob",
                                   "user alice XjMt", "user bob xnhX"});
  CHECK(skipped_by(imported) ==
        Texts{"pipes[0]: private_key is not taken over: put the line of `identity show` into authorized_keys of "
              "alice@192.0.2.15:22",
              "pipes[1]: private_key is not taken over: put the line of `identity show` into authorized_keys of "
              "bob@box.example.com:22"});
}

TEST_CASE("sshpiper: two accounts in one machine agree on its host key, or the first one counts") {
  const auto imported = sshpiper(R"(
- from: [{username: alice, authorized_keys: keys/alice}]
  to: {host: 10.0.3.1, known_hosts: /etc/hosts}
- from: [{username: bob, authorized_keys: keys/alice}]
  to: {host: 10.0.3.1}
- from: [{username: carol, authorized_keys: keys/alice}]
  to: {host: 10.0.3.1, known_hosts_data: )" +
                                 kOtherKnownHost + R"(}
)");
  CHECK(containers_of(imported).size() == 3);
  CHECK(skipped_by(imported) ==
        Texts{"pipes[2], from[0] (carol): known_hosts has another key for 10.0.3.1:22 than a pipe "
              "before it, which is pinned"});
}

TEST_CASE("sshpiper: what has no place here is named, each for itself") {
  CHECK(one_below_the_other(skipped_by(sshpiper(R"(
- from:
    - {username: "^(.*)$", username_regex_match: true}
    - {groupname: staff}
    - {username: Alice}
    - {username: alice}
    - {username: bob, trusted_user_ca_keys: /etc/ca, shell: zsh}
    - {username: dave, authorized_keys: $HOME/keys, authorized_keys_data: "*"}
    - {username: erin, authorized_keys: /nowhere}
  to: {host: 10.0.3.1, username: root, password: secret, private_key: /etc/id, private_key_data: QQ==, port: 7}
- {from: [{username: alice, authorized_keys: keys/alice}], to: {host: "db.example:x"}}
- {from: [{username: alice, authorized_keys: keys/alice}], to: {username: root}}
- {from: [], to: {host: 10.0.3.1}}
- 7
)"))) == one_below_the_other(
             {"pipes[0], to: port is not known here",
              "pipes[0], from[0] (^(.*)$): the username is a pattern: add the users it stands for one by one",
              "pipes[0], from[1]: groupname staff: groups of accounts are not known here, add its users one by one",
              "pipes[0], from[2] (Alice): \"Alice\" cannot be a user: a name is small letters, digits, '_', '.' and "
              "'-', beginning with a letter or '_', 32 characters at most",
              "pipes[0], from[3] (alice): passwords are not passed on: they need a key (`key add`)",
              "pipes[0], from[4]: shell is not known here",
              "pipes[0], from[4] (bob): trusted_user_ca_keys: certificates are not accepted as keys",
              "pipes[0], from[4] (bob): passwords are not passed on: they need a key (`key add`)",
              "pipes[0], from[5] (dave), authorized_keys: $HOME stands for something of sshpiper's environment, which "
              "is not known here: `import authorized-keys - --user dave` takes their keys over",
              "pipes[0], from[5] (dave), authorized_keys_data: this is no base64",
              "pipes[0], from[6] (erin), authorized_keys: /nowhere: No such file or directory: "
              "`import authorized-keys - --user erin` takes their keys over",
              "pipes[0]: private_key is not taken over: put the line of `identity show` into authorized_keys of "
              "root@10.0.3.1:22",
              "pipes[0]: private_key_data is not taken over: put the line of `identity show` into authorized_keys of "
              "root@10.0.3.1:22",
              "pipes[0]: password is not taken over: root@10.0.3.1:22 must accept a key",
              "pipes[1]: db.example:x has no port between 1 and 65535 after the colon",
              "pipes[2]: it leads nowhere: host is missing",
              "pipes[2], from[0] (alice), keys/alice line 1: the user has this key already",
              "pipes[3]: it is from nobody",
              "pipes[4]: it leads nowhere: host is missing",
              "pipes[4]: it is from nobody"}));
}

TEST_CASE("sshpiper: a host key is pinned when known_hosts has one") {
  const auto with = [](const std::string& field) {
    return sshpiper("- {from: [{username: a, authorized_keys: keys/alice}], to: {host: 10.0.3.1, " + field + "}}");
  };
  CHECK(rows_of(with("known_hosts: /etc/two")).front() == "a/a lan 10.0.3.1:22 a oIVT");
  CHECK(skipped_by(with("known_hosts: /etc/two")) ==
        Texts{"pipes[0], from[0] (a): known_hosts has several keys for 10.0.3.1:22: ssh-ed25519 is pinned, ssh-ed25519 "
              "is not"});
  CHECK(skipped_by(with("known_hosts: [/etc/hashed]")) ==
        Texts{"pipes[0], from[0] (a): known_hosts has no key for 10.0.3.1:22 that could be read (names in it are "
              "hashed): the first one it presents will be remembered"});
  CHECK(skipped_by(with("known_hosts_data: QQ==")) ==
        Texts{"pipes[0], from[0] (a): known_hosts has no key for 10.0.3.1:22: the first one it presents will be "
              "remembered"});
  CHECK(skipped_by(with("ignore_hostkey: true")) == Texts{});
}

TEST_CASE("sshpiper: what is another document is refused") {
  const auto why = [](std::string_view text) { return refused(import_sshpiper(text, {.backend = "lan", .read = {}})); };
  CHECK(why("pipes: []") == "the version is \"\", and only 1.0 is known here");
  CHECK(why("version: 2.0\npipes: []") == "the version is \"2.0\", and only 1.0 is known here");
  CHECK(why("version: 1.0") == "this is no configuration of sshpiper's yaml plugin: a list of pipes is expected");
  CHECK(why("a: [").starts_with("line "));
}

}  // namespace bastion::admin
