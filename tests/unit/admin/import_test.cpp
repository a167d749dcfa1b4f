// What other tools know, as a document.
#include "bastion/admin/manifest/import.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <set>
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

// 10.0.3.1, as `ssh-keygen -H` writes it.
const std::string kHashedName = "|1|MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=|9Jh62SijXMpMvAqJWJpw5AyxOeI=";

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
      {"/etc/keys/bob", "# bob's\n" + kOtherLaptopKey + "\nno-user-rc " + kLaptopKey + "\n"},
      {"/etc/hosts",
       "10.0.3.1,db " + kOtherLaptopKey + "\n[10.0.3.2]:2222 " + kOtherLaptopKey + "\n* " + kLaptopKey + "\n"},
      {"/etc/two",
       "10.0.3.1 ecdsa-sha2-nistp256 nonsense\n10.0.3.1 " + kOtherLaptopKey + "\n10.0.3.1 " + kLaptopKey + "\n"},
      {"/etc/hashed", "|1|c2FsdA==|aGFzaA== " + kLaptopKey + "\n|1|nonsense " + kLaptopKey + "\n|1||\n" + kHashedName +
                          " " + kOtherLaptopKey + "\n"},
      {"/etc/foreign", "|1|c2FsdA==|aGFzaA== " + kLaptopKey + "\n"}};
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
    if (!container.host_keys) continue;
    for (const auto& key : *container.host_keys) rows[i] += " " + transport::fingerprint(key.blob).substr(7, 4);
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
                                                {"9frank", kLaptopKey},
                                                {"authorized_keys", kLaptopKey}});
  Texts users;
  for (const auto& user : *imported.directory.users) {
    users.push_back(fmt::format("{} {}", user.name, user.keys->size()));
  }
  CHECK(users == Texts{"alice 1", "bob 1", "carol 2", "dave 1", "erin 1"});
  REQUIRE(imported.skipped.size() == 2);
  CHECK(imported.skipped[0].why.starts_with("\"9frank\" cannot be a user: "));
  CHECK(imported.skipped[1].name == "authorized_keys");
}

TEST_CASE("authorized_keys: told whose they are, no file needs a name that says so") {
  const auto imported =
      import_authorized_keys({{"standard input", kLaptopKey + "\n" + kOtherLaptopKey}}, {.user = "alice"});
  REQUIRE(imported.directory.users->size() == 1);
  CHECK(imported.directory.users->front().name == "alice");
  CHECK(imported.directory.users->front().keys->size() == 2);
  CHECK(imported.skipped.empty());
}

TEST_CASE("authorized_keys: options come along, and a line that cannot be enforced is reported") {
  const auto imported =
      import_authorized_keys({{"alice", "# alice's\n\nrestrict,command=\"a b\" " + kLaptopKey + "\r\nno-user-rc " +
                                            kOtherLaptopKey + "\n" + kLaptopKey + "\nhello world\n"}});
  REQUIRE(imported.directory.users->size() == 1);
  const auto& keys = *imported.directory.users->front().keys;
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].options == "restrict,command=\"a b\"");
  CHECK(keys[0].key.comment == "laptop");
  CHECK(
      skipped_by(imported) ==
      Texts{"alice line 4: the option no-user-rc is not possible here: ~/.ssh/rc is run by the container's sshd, "
            "whatever the bastion says",
            "alice line 5: the user has this key already",
            "alice line 6: this is not a public key: it looks like \"ssh-ed25519 AAAA… comment\", as in a .pub file"});
}

TEST_CASE("authorized_keys: the line of a CA comes along as it stands") {
  const auto imported =
      import_authorized_keys({{"alice", "cert-authority,principals=\"ops\",from=\"10.0.0.0/8\" " + kLaptopKey +
                                            "\nprincipals=\"ops\" " + kOtherLaptopKey + "\n"}});
  REQUIRE(imported.directory.users->size() == 1);
  const auto& keys = *imported.directory.users->front().keys;
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].options == "cert-authority,principals=\"ops\",from=\"10.0.0.0/8\"");
  CHECK(skipped_by(imported) ==
        Texts{"alice line 2: the option principals says nothing of a key without cert-authority"});
}

TEST_CASE("authorized_keys: a file without a key makes nobody a user, and says so once") {
  const auto imported = import_authorized_keys({{"id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nAAAA\n"},
                                                {"id_ed25519.pub", kLaptopKey},
                                                {"photo.jpg", "\xff\xd8\n\x01\n\x02"},
                                                {"empty", ""},
                                                {"alice/authorized_keys", "no-user-rc " + kLaptopKey},
                                                {"bob/authorized_keys", kLaptopKey},
                                                {"bob/.ssh/authorized_keys2", kOtherLaptopKey},
                                                {"link", "", "links are not followed"}});
  REQUIRE(imported.directory.users->size() == 1);
  CHECK(imported.directory.users->front().name == "bob");
  CHECK(imported.directory.users->front().keys->size() == 2);
  CHECK(skipped_by(imported) ==
        Texts{"id_ed25519: it is called after a key, not after a user",
              "id_ed25519.pub: it is called after a key, not after a user", "photo.jpg: there is no key in it",
              "empty: there is no key in it",
              "alice/authorized_keys line 1: the option no-user-rc is not possible here: ~/.ssh/rc is run by the "
              "container's sshd, whatever the bastion says",
              "alice/authorized_keys: there is no key in it that could be taken over", "link: links are not followed"});
}

TEST_CASE("authorized_keys: with /etc/passwd, only who is a person there") {
  const std::string passwd =
      "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/robert:/bin/sh\n"
      "9carl:x:1002:1002::/home/9carl:/bin/sh\nerin:x:1003:1003::/home/erin:/bin/sh\nnobody:x:65534:65534::/:/bin/"
      "sh\nx\n";
  const auto imported = import_authorized_keys({{"9carl/authorized_keys", kLaptopKey},
                                                {"alice/authorized_keys", kLaptopKey},
                                                {"robert/.ssh/authorized_keys", kLaptopKey},
                                                {"root", kLaptopKey},
                                                {"zoe", kLaptopKey}},
                                               {.passwd = passwd});
  Texts users;
  for (const auto& user : *imported.directory.users) users.push_back(user.name);
  CHECK(users == Texts{"alice", "bob"});
  CHECK(skipped_by(imported) ==
        Texts{"9carl/authorized_keys: \"9carl\" cannot be a user: a name is letters, digits, '_', '.' and '-', one '@' "
              "and one '\\' inside, beginning with a letter or '_', 64 characters at most",
              "root: \"root\" is no account of a person, which has a UID from 1000",
              "zoe: \"zoe\" is no account of a person, which has a UID from 1000",
              "9carl: nothing here has a key of this account", "erin: nothing here has a key of this account"});
}

TEST_CASE("authorized_keys: homes with a slash behind them, and two of one name") {
  const auto imported =
      import_authorized_keys({{"alice/authorized_keys", kLaptopKey}, {"bob/authorized_keys", kLaptopKey}},
                             {.passwd = "alice:x:1000:1000::/home/alice//:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
                                        "bert:x:1002:1002::/srv/bob/:/bin/sh\n"});
  REQUIRE(imported.directory.users->size() == 1);
  CHECK(imported.directory.users->front().name == "alice");
  CHECK(skipped_by(imported) ==
        Texts{"bob/authorized_keys: bob is what the homes of bob and bert are called: whose this is cannot be told",
              "bob: nothing here has a key of this account", "bert: nothing here has a key of this account"});
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
  CHECK(containers_of(incus(instance("alice", eth0, "", "Frozen"))) == Texts{"alice/alice be1 10.0.3.100:22 -"});
  CHECK(skipped_by(incus(instance("alice", "", "", "Stopped"))) ==
        Texts{"alice: it is not running, and has no static address"});
  CHECK(skipped_by(incus("7, {}, {\"name\": 3}")).size() == 3);
  CHECK(refused(import_incus("{}", {})) == "this is not what `incus list --format json` prints: a list is expected");
  CHECK(refused(import_incus("[", {})) == "this is not what `incus list --format json` prints: a list is expected");
}

std::string input(std::string_view name) {
  return must(read_whole_file(std::filesystem::path(BASTION_SOURCE_DIR) / "tests/inputs" / name));
}

TEST_CASE("incus: one awkward instance is a row, and all the others are taken over") {
  const auto twice = must(import_incus(input("incus/same-address-twice.json"), {.backend = "be1"}));
  CHECK(containers_of(twice) == Texts{"ann/ann be1 10.0.3.5:22 -", "cat/cat be1 10.0.3.7:22 -"});
  CHECK(skipped_by(twice) == Texts{"ben: its address 10.0.3.5 is also that of ann"});
  const auto projects = must(import_incus(input("incus/two-projects.json"), {.backend = "be1"}));
  CHECK(containers_of(projects) == Texts{"ann/ann be1 10.0.3.5:22 -"});
  CHECK(skipped_by(projects) ==
        Texts{"ann (project b): ann (project a) is called the same, and a user's containers have different names"});
  const auto one = must(import_incus(input("incus/two-projects.json"), {.backend = "be1", .project = "b"}));
  CHECK(containers_of(one) == Texts{"ann/ann be1 10.0.3.6:22 -"});
  CHECK(skipped_by(one) == Texts{});
}

TEST_CASE("incus: what LXD 5 says of all projects") {
  const auto all = must(import_incus(input("incus/lxd-5.0.2-all-projects.json"), {.backend = "be1"}));
  CHECK(containers_of(all) == Texts{"alice/alice be1 10.0.3.104:22 -", "dora/dora be1 10.0.3.138:22 -"});
  CHECK(skipped_by(all) == Texts{"alice (project tenants): it is not running, and has no static address"});
  CHECK(all.listed == std::map<std::string, std::set<std::string>>{
                          {"be1",
                           {"10.0.3.104", "10.0.3.138", "alice", "dora", "fd42:5:5:5:216:3eff:fe1d:9e1a",
                            "fd42:5:5:5:216:3eff:fe3c:68ae"}}});
}

TEST_CASE("incus: what is listed is all that runs there, and of which project") {
  using Listed = std::map<std::string, std::set<std::string>>;
  const auto both = instance("ann", R"("eth0": {"addresses": [
      {"family": "inet", "scope": "global", "address": "10.0.3.5"},
      {"family": "inet6", "scope": "global", "address": "fd00::5"}]})");
  CHECK(incus(both).listed == Listed{{"be1", {"10.0.3.5", "ann", "fd00::5"}}});
  CHECK(incus("").listed == Listed{{"be1", {}}});
  CHECK(must(import_incus("[]", {})).listed.empty());
  CHECK(incus(both).project == "default");
  CHECK(incus("", {.backend = "be1", .project = "b"}).project == "b");
  CHECK(incus(both, {.backend = "be1", .has_all_projects = true}).project.empty());
  CHECK(must(import_incus(input("incus/two-projects.json"), {.backend = "be1"})).project.empty());
  // Where rows say nothing of projects, there is no other one.
  CHECK(containers_of(incus(both, {.backend = "be1", .project = "default"})).size() == 1);
  CHECK(refused(import_incus("[" + both + "]", {.members = {{"node-x", "be1"}}})) ==
        "--map node-x=be1: nothing in the list runs on node-x");
}

TEST_CASE("incus: a member of a cluster is called otherwise here, or cannot be called so at all") {
  const auto one = instance("ann", card("eth0", "10.0.3.5"), "", "Running", "Node-A") + "," +
                   instance("ben", card("eth0", "10.0.3.5"), "", "Running", "node-b");
  CHECK(containers_of(incus(one, {})) == Texts{"ben/ben node-b 10.0.3.5:22 -"});
  CHECK(skipped_by(incus(one, {})) == Texts{"ann: it runs on Node-A, which cannot be the name of a backend: --map "
                                            "Node-A=BACKEND says which one that is"});
  const IncusTerms mapped{.members = {{"Node-A", "be1"}, {"node-b", "be2"}}};
  CHECK(containers_of(incus(one, mapped)) == Texts{"ann/ann be1 10.0.3.5:22 -", "ben/ben be2 10.0.3.5:22 -"});
  const IncusTerms only{.backend = "be1", .members = mapped.members};
  CHECK(containers_of(incus(one, only)) == Texts{"ann/ann be1 10.0.3.5:22 -"});
  CHECK(skipped_by(incus(one, only)) == Texts{"ben: it runs on node-b"});
}

// An instance with two cards, of which the profile gives `of_profile`.
std::string with_two_cards(const std::string& of_profile, const std::string& own, const std::string& state,
                           const std::string& more = "") {
  const auto device = [&](const std::string& name) {
    return fmt::format(R"("{0}": {{"type": "nic", "name": "{0}"{1}}})", name, more);
  };
  const auto devices = own.empty() ? std::string{} : device(own);
  return fmt::format(R"({{"name": "ann", "status": "{}", "location": "none", "devices": {{{}}},
                          "expanded_devices": {{{}, {}}}, "state": {{"network": {}}}}})",
                     state.empty() ? "Stopped" : "Running", devices, device(of_profile),
                     device(own.empty() ? "other" : own), state.empty() ? "null" : "{" + state + "}");
}

TEST_CASE("incus: of several cards one counts by a rule, or the row says which there are") {
  const auto both = [](const std::string& one, const std::string& other) {
    return card(one, "10.0.3.5") + "," + card(other, "10.9.0.5");
  };
  CHECK(containers_of(incus(with_two_cards("eth1", "eth0", both("eth1", "eth0")))) ==
        Texts{"ann/ann be1 10.0.3.5:22 -"});
  CHECK(containers_of(incus(with_two_cards("eth0", "", both("other", "eth0")))) == Texts{"ann/ann be1 10.9.0.5:22 -"});
  CHECK(containers_of(incus(with_two_cards("eth1", "eth0", both("eth1", "eth0")),
                            {.backend = "be1", .interface = "eth0"})) == Texts{"ann/ann be1 10.9.0.5:22 -"});
  CHECK(skipped_by(
            incus(with_two_cards("eth1", "eth0", both("eth1", "eth0")), {.backend = "be1", .interface = "eth2"})) ==
        Texts{"ann: its network card eth2 has no address, or it has no such card"});
  const auto unclear = R"({"name": "ann", "status": "Running", "expanded_devices": {}, "state": {"network": {)" +
                       card("enp5s0", "10.0.3.5", "inet", "global", "tap1") + "," +
                       card("enp6s0", "10.9.0.5", "inet", "global", "tap2") + "}}}";
  CHECK(skipped_by(incus(unclear)) == Texts{"ann: several network cards have an address: enp5s0 (10.0.3.5), enp6s0 "
                                            "(10.9.0.5); --interface says which one counts"});
}

TEST_CASE("incus: what is stopped has the address that it will have") {
  CHECK(containers_of(incus(with_two_cards("eth0", "", "", R"(, "ipv4.address": "10.0.3.9")"))).size() == 1);
  CHECK(containers_of(incus(with_two_cards("eth0", "eth1", "", R"(, "ipv6.address": "fd00::9")"))) ==
        Texts{"ann/ann be1 [fd00::9]:22 -"});
  CHECK(skipped_by(incus(with_two_cards("eth0", "", "", R"(, "ipv4.address": "none")"))) ==
        Texts{"ann: it is not running, and has no static address"});
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
  CHECK(skipped_by(imported) == Texts{"pipes[1], from[0] (bob), /etc/keys/bob line 3: the option no-user-rc is not "
                                      "possible here: ~/.ssh/rc is run by the container's sshd, whatever the bastion "
                                      "says"});
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
  std::erase_if(skipped, [](const std::string& line) { return line.contains("no-user-rc"); });
  CHECK(skipped ==
        Texts{"pipes[3], from[0] (alice): another pipe leads this user to root@10.0.3.1:22; here the key does not "
              "decide where a user lands, so its keys are left out too: `container add` and `key add` give them this "
              "one"});
}

TEST_CASE("sshpiper: keys that led where we cannot lead open nothing else") {
  const auto two = [](std::string_view first, std::string_view second) {
    return rows_of(
        sshpiper(fmt::format("- {{from: [{{username: alice, authorized_keys: keys/alice}}], to: {}}}\n"
                             "- {{from: [{{username: alice, authorized_keys: /etc/keys/bob}}], to: {}}}\n",
                             first, second)));
  };
  const std::string good = "{host: 10.0.3.1, username: root}";
  for (const auto* const bad :
       {"{host: 'localhost:x', username: root}", "{username: root}", "{host: 10.0.3.1, username: -x}"}) {
    CAPTURE(bad);
    CHECK(two(bad, good) == Texts{"alice/alice lan 10.0.3.1:22 root", "user alice oIVT"});
    CHECK(two(good, bad) == Texts{"alice/alice lan 10.0.3.1:22 root", "user alice ZkAs"});
    CHECK(two(bad, bad) == Texts{"user alice ZkAs oIVT"});
    CHECK(two(bad, "{host: 'elsewhere:x'}") == Texts{"user alice ZkAs"});
  }
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
  CHECK(
      one_below_the_other(skipped_by(sshpiper(R"(
- from:
    - {username: "^(.*)$", username_regex_match: true}
    - {groupname: staff}
    - {username: 9alice}
    - {username: alice}
    - {username: bob, trusted_user_ca_keys: /etc/ca, shell: zsh}
    - {username: dave, authorized_keys: $HOME/keys, authorized_keys_data: "*"}
    - {username: erin, authorized_keys: /nowhere}
  to: {host: 10.0.3.1, username: root, password: secret, private_key: /etc/id, private_key_data: QQ==, port: 7}
- {from: [{username: alice, authorized_keys: keys/alice}], to: {host: "db.example:x"}}
- {from: [{username: alice, authorized_keys: keys/alice}], to: {username: root}}
- {from: [], to: {host: 10.0.3.1}}
- 7
)"))) ==
      one_below_the_other(
          {"pipes[0], to: port is not known here",
           "pipes[0], from[0] (^(.*)$): the username is a pattern: add the users it stands for one by one",
           "pipes[0], from[1]: groupname staff: accounts of that machine, whose members it does not name; "
           "`group add`, `group join` and `container share --group` do the same here",
           "pipes[0], from[2] (9alice): \"9alice\" cannot be a user: a name is letters, digits, '_', '.' and "
           "'-', one '@' and one '\\' inside, beginning with a letter or '_', 64 characters at most",
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
           "pipes[1], from[0] (alice): another pipe leads this user to root@10.0.3.1:22; here the key does not decide "
           "where a user lands, so its keys are left out too: `container add` and `key add` give them this one",
           "pipes[2]: it leads nowhere: host is missing",
           "pipes[2], from[0] (alice): another pipe leads this user to root@10.0.3.1:22; here the key does not decide "
           "where a user lands, so its keys are left out too: `container add` and `key add` give them this one",
           "pipes[3]: it is from nobody",
           "pipes[4]: it leads nowhere: host is missing",
           "pipes[4]: it is from nobody"}));
}

TEST_CASE("sshpiper: a host key is pinned when known_hosts has one") {
  const auto with = [](const std::string& field) {
    return sshpiper("- {from: [{username: a, authorized_keys: keys/alice}], to: {host: 10.0.3.1, " + field + "}}");
  };
  CHECK(rows_of(with("known_hosts: /etc/two")).front() == "a/a lan 10.0.3.1:22 a oIVT ZkAs");
  CHECK(skipped_by(with("known_hosts: /etc/two")) == Texts{});
  CHECK(rows_of(with("known_hosts: [/etc/hashed]")).front() == "a/a lan 10.0.3.1:22 a oIVT");
  CHECK(skipped_by(with("known_hosts: /etc/hashed")) == Texts{});
  CHECK(skipped_by(with("known_hosts: /etc/foreign")) ==
        Texts{"pipes[0], from[0] (a): known_hosts has no key for 10.0.3.1:22: the first one it presents will be "
              "remembered"});
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
