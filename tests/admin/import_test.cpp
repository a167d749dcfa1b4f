// What other tools know, as a document.
#include "bastion/admin/import.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using Texts = std::vector<std::string>;

const std::string kKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f laptop";
const std::string kOther = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

Texts skipped_by(const Imported& imported) {
  Texts lines;
  for (const auto& [name, why] : imported.skipped) lines.push_back(fmt::format("{}: {}", name, why));
  return lines;
}

Texts containers_of(const Imported& imported) {
  Texts lines;
  for (const auto& one : *imported.directory.containers) {
    lines.push_back(
        fmt::format("{} {} {} {}", one.full_name(), *one.backend, one.address->text(), one.login.value_or("-")));
  }
  return lines;
}

Texts backends_of(const Imported& imported) {
  Texts lines;
  for (const auto& one : *imported.directory.backends) {
    lines.push_back(
        fmt::format("{} {}@{} via {}", one.name, *one.login, one.address->text(), (*one.via).value_or("-")));
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

}  // namespace

TEST_CASE("authorized_keys: a file belongs to whom it is called after, or in whose folder it stands") {
  const auto imported = import_authorized_keys({{"alice", kKey},
                                                {"bob.pub", kKey},
                                                {"carol.keys", kKey + "\n" + kOther},
                                                {"dave/authorized_keys", kKey},
                                                {"home/erin/.ssh/authorized_keys", kKey},
                                                {"Frank", kKey},
                                                {"authorized_keys", kKey}});
  Texts users;
  for (const auto& user : *imported.directory.users) {
    users.push_back(fmt::format("{} {}", user.name, user.keys->size()));
  }
  CHECK(users == Texts{"alice 1", "bob 1", "carol 2", "dave 1", "erin 1"});
  REQUIRE(imported.skipped.size() == 2);
  CHECK(imported.skipped[0].why.starts_with("\"Frank\" cannot be a user: "));
  CHECK(imported.skipped[1].name == "authorized_keys");
}

TEST_CASE("authorized_keys: options come along, and a line that cannot be enforced is reported") {
  const auto imported =
      import_authorized_keys({{"alice", "# alice's\n\nrestrict,command=\"a b\" " + kKey + "\r\ncert-authority " +
                                            kOther + "\n" + kKey + "\nhello world\n"}});
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
  CHECK(containers_of(incus(two, {.owner = "root", .login = "admin"})) ==
        Texts{"root/alice be1 10.0.3.100:22 admin", "root/bob be2 10.0.3.100:22 admin"});
  CHECK(skipped_by(incus(instance("alice", eth0), {})) ==
        Texts{"alice: it does not say where it runs: give --backend"});
  CHECK(skipped_by(incus(instance("alice", eth0, "", "Stopped"))) ==
        Texts{"alice: it is not running, so it has no address"});
  CHECK(skipped_by(incus("7, {}, {\"name\": 3}")).size() == 3);
  CHECK(refused(import_incus("{}", {})) == "this is not what `incus list --format json` prints: a list is expected");
  CHECK(refused(import_incus("[", {})) == "this is not what `incus list --format json` prints: a list is expected");
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
  CHECK(skipped_by(imported) ==
        Texts{"a*: only a Host with one name and no wildcard can be taken over",
              "user y: only a Host with one name and no wildcard can be taken over",
              "alone: it is reached without a jump: `container add` says where it is",
              "direct: nothing but the bastion stands before it: add a backend with --direct first",
              "named: box.example is no IP address",
              "nobody: it does not say who logs in: User is missing, or cannot be a name",
              "round: its jumps lead in a circle"});
  CHECK(import_ssh_config("Host c\nHostName 10.0.3.5\nUser u\nProxyJump jump\nHost jump\nHostName 10.1.1.1", "us")
            .skipped.front()
            .why == "its jump jump does not say who logs in: User is missing");
}

}  // namespace bastion::admin
