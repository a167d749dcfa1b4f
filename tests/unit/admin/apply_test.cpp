// The directory as a document: out, and in again.
#include "bastion/admin/manifest/apply.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/admin/manifest/read_manifest.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/base/whole_file.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::host_key_of;
using test::must;
using test::refused;
using Texts = std::vector<std::string>;

constexpr const char* kKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f laptop";
constexpr const char* kOther = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

struct DocumentWorld : test::SmallWorld {
  Result<std::vector<Change>> tries(std::string_view text, Unnamed unnamed = Unnamed::stay) {
    const auto document = parse_directory(text);
    if (!document) return std::unexpected(document.error());
    return database.change([&] { return apply(database, *document, unnamed, kNow); });
  }
  Texts applied(std::string_view text, Unnamed unnamed = Unnamed::stay) {
    Texts lines;
    for (const auto& change : must(tries(text, unnamed))) {
      lines.push_back(fmt::format("{} {} {}{}{}", text_of(change.kind), change.what, change.name,
                                  change.detail.empty() ? "" : ": ", change.detail));
    }
    return lines;
  }
  std::string fails(std::string_view text, Unnamed unnamed = Unnamed::stay) {
    const auto before = exported();
    auto error = refused(tries(text, unnamed));
    CHECK(exported() == before);
    return error;
  }
  std::string exported() { return to_json(must(read_manifest(database))).dump(2); }

  DocumentWorld& furnished() {
    must(tries(fmt::format(
        R"({{"version": 1,
             "users": [{{"name": "root", "role": "admin"}},
                       {{"name": "alice", "options": "no-pty", "idle_timeout": "30m",
                         "keys": [{{"key": "{}", "options": "restrict", "expires": "2026-12-31"}}]}},
                       {{"name": "bob", "disabled": true}}],
             "backends": [{{"name": "far", "address": "be3.example:2022", "login": "hop", "via": "be1", "capacity": 30}},
                          {{"name": "be1", "address": "10.1.1.11", "login": "hop", "state": "draining",
                            "host_key": "{}"}}],
             "containers": [{{"owner": "alice", "name": "web", "backend": "be1", "address": "10.0.3.100",
                              "default": true, "shares": [{{"user": "bob", "expires": "2026-12-31T23:59:59Z"}}]}},
                            {{"owner": "bob", "name": "web", "backend": "far", "address": "[fd00::1]:2222",
                              "login": "root"}}]}})",
        kKey, kOther)));
    return *this;
  }
};

std::string with_containers(std::string_view list) {
  return fmt::format(R"({{"version": 1, "containers": [{}]}})", list);
}
std::string with_users(std::string_view list) { return fmt::format(R"({{"version": 1, "users": [{}]}})", list); }
std::string with_backends(std::string_view list) { return fmt::format(R"({{"version": 1, "backends": [{}]}})", list); }

}  // namespace

TEST_CASE("what was exported makes another database the same, and changes nothing where it came from") {
  DocumentWorld world;
  const auto document = world.furnished().exported();
  CHECK(world.applied(document, Unnamed::go) == Texts{});
  DocumentWorld other;
  CHECK(other.applied(document) ==
        Texts{"add user alice: keys 1", "add user bob: keys 0", "add user root: keys 0",
              "add backend be1: hop@10.1.1.11:22", "add backend far: hop@be3.example:2022 via be1",
              "add container alice/web: alice@10.0.3.100:22 on backend be1",
              "add container bob/web: root@[fd00::1]:2222 on backend far", "add share alice/web bob"});
  CHECK(other.exported() == document);
  CHECK(other.applied(document, Unnamed::go) == Texts{});
}

TEST_CASE("a document may be YAML, and comes back from it as it was") {
  DocumentWorld world;
  world.furnished();
  const auto document = to_yaml(to_json(must(read_manifest(world.database))));
  CHECK(document.starts_with("version: 1\nusers:\n  - name: alice\n    role: user\n    disabled: false\n"));
  CHECK(world.applied(document, Unnamed::go) == Texts{});
  DocumentWorld other;
  CHECK(other.applied(document).size() == 8);
  CHECK(other.exported() == world.exported());
  CHECK(world.fails("version: 1\nusers:\n- name: bob\n  disabled: no\n") ==
        "users[0] (bob), disabled: it is true or false");
}

TEST_CASE("what a document does not mention stays, and null clears") {
  DocumentWorld world;
  world.furnished();
  CHECK(world.applied(with_users(R"({"name": "alice"})")) == Texts{});
  CHECK(world.applied(with_users(R"({"name": "alice", "options": null, "role": "admin", "disabled": true})")) ==
        Texts{"change user alice: role user -> admin, options no-pty -> none, disabled no -> yes"});
  CHECK(must(world.users.get("alice")).idle_timeout == 1800);
  CHECK(must(world.users.get("alice")).disabled_at == test::SmallWorld::kNow);
  CHECK(world.applied(with_backends(R"({"name": "far", "via": null, "capacity": null},
                                      {"name": "be1", "host_key": null, "state": "active"})")) ==
        Texts{"change backend far: capacity 30 -> none",
              "change backend be1: host key SHA256:oIVTIburEfZKUwOmv9YkLGMk4rLhYLrW27NcxmLbxTU -> none, state draining "
              "-> active",
              "change backend far: via be1 -> none"});
}

TEST_CASE("several host keys of one machine come out of a document, and go back into it") {
  DocumentWorld world;
  world.furnished();
  const auto with = [](const std::string& keys) {
    return with_backends(R"({"name": "far", "host_key": )" + keys + "}");
  };
  const auto one = fmt::format("\"{}\"", kKey);
  const auto other = fmt::format("\"{}\"", kOther);
  const auto both = world.applied(with("[" + one + ", " + other + "]"));
  REQUIRE(both.size() == 1);
  CHECK(both[0].starts_with("change backend far: host key none -> SHA256:"));
  CHECK(both[0].contains(" and SHA256:"));
  const auto far = store::HostKeyOwner::of_backend(must(world.backends.get("far")).id);
  CHECK(must(world.host_keys.of(far)).size() == 2);
  // The order is nothing, and one that stands there twice is there once.
  CHECK(world.applied(with("[" + other + ", " + one + ", " + other + "]")) == Texts{});
  const auto document = world.exported();
  CHECK(world.applied(document, Unnamed::go) == Texts{});
  DocumentWorld again;
  std::ignore = again.applied(document);
  CHECK(again.exported() == document);
  CHECK(world.applied(with(other)).size() == 1);
  CHECK(must(world.host_keys.of(far)).size() == 1);
  CHECK(world.applied(with("[]")).size() == 1);
  CHECK(must(world.host_keys.of(far)).empty());
  CHECK(world.fails(with("[7]")) == "backends[0] (far), host_key: this is no text: put it in quotes");
  CHECK(world.fails(with("7")) == "backends[0] (far), host_key: this is no text: put it in quotes");
  CHECK(world.fails(with("[\"x\"]")).starts_with("backends[0] (far), host_key: this is not a public key"));
}

TEST_CASE("two accounts in one machine come out of a document, and go back into it") {
  DocumentWorld world;
  world.furnished();
  const auto both = [](std::string_view at, std::string_view one, std::string_view other) {
    return with_containers(fmt::format(
        R"({{"owner": "alice", "name": "box", "backend": "be1", "address": "{0}", "host_key": {1}}},
           {{"owner": "bob", "name": "box", "backend": "be1", "address": "{0}", "host_key": {2}}})",
        at, one, other));
  };
  const auto key = fmt::format("\"{}\"", kOther);
  CHECK(world.applied(both("10.0.3.7", key, key)) == Texts{"add container alice/box: alice@10.0.3.7:22 on backend be1",
                                                           "add container bob/box: bob@10.0.3.7:22 on backend be1"});
  const auto document = world.exported();
  CHECK(world.applied(document, Unnamed::go) == Texts{});
  DocumentWorld other;
  CHECK(other.applied(document).size() == 10);
  CHECK(other.exported() == document);
  // The machine has moved; its key came along.
  CHECK(world.applied(both("10.0.3.8", key, key)) ==
        Texts{"change container alice/box: address 10.0.3.7:22 -> 10.0.3.8:22",
              "change container bob/box: address 10.0.3.7:22 -> 10.0.3.8:22"});
  CHECK(world.fails(both("10.0.3.8", key, fmt::format("\"{}\"", kKey))) ==
        "container bob/box: it is in the same machine as container alice/box, for which this document gives another "
        "host key");
  CHECK(world.fails(both("10.0.3.8", "null", key)).contains("another host key"));
}

TEST_CASE("documents that people have are refused with the place, whatever they are written in") {
  const auto why = [](const char* name) {
    const auto file = std::filesystem::path(BASTION_SOURCE_DIR) / "tests/inputs/documents" / name;
    return refused(parse_directory(must(read_whole_file(file))));
  };
  CHECK(why("user-twice.yaml") == "users[1]: alice is there already, as users[0]");
  CHECK(why("key-twice.json") == "line 1, column 58: users[0], role: role is there twice");
  CHECK(why("list-twice.json") == "line 1, column 47: users: users is there twice");
  CHECK(why("flow-style.yaml") ==
        "line 1, column 2: a document that begins with a brace is JSON, where every key and text stands in double "
        "quotes; "
        "YAML is written without braces around the whole");
  CHECK(why("number-too-large.json").starts_with("line 1, column "));
}

TEST_CASE("what is in a document twice is refused, JSON or YAML") {
  DocumentWorld world;
  CHECK(world.fails(with_users(R"({"name": "a"}, {"name": "b"}, {"name": "a"})")) ==
        "users[2]: a is there already, as users[0]");
  CHECK(world.fails(with_backends(R"({"name": "a"}, {"name": "a"})")) ==
        "backends[1]: a is there already, as backends[0]");
  CHECK(world.fails(with_containers(R"({"owner": "a", "name": "x"}, {"owner": "a", "name": "x"})")) ==
        "containers[1]: a/x is there already, as containers[0]");
  CHECK(world.fails(with_users(fmt::format(R"({{"name": "a", "keys": [{{"key": "{0}"}}, {{"key": "{0}"}}]}})", kKey)))
            .starts_with("users[0] (a), keys[1]: SHA256:"));
}

TEST_CASE("an import leaves out the containers that something is in the way of, and puts all the others") {
  DocumentWorld world;
  world.furnished();
  const auto document = must(parse_directory(with_containers(
      R"({"owner": "bob", "name": "one", "backend": "be1", "address": "10.0.3.100", "login": "alice",
          "shares": [{"user": "alice"}]},
         {"owner": "bob", "name": "two", "backend": "be9", "address": "10.0.3.7"},
         {"owner": "bob", "name": "three", "backend": "be1", "address": "10.0.3.7"},
         {"owner": "bob", "name": "web", "backend": "be1", "address": "10.0.3.7", "login": "bob"})")));
  std::vector<NotPut> not_put;
  const auto changes = must(world.database.change(
      [&] { return apply(world.database, document, Unnamed::stay, test::SmallWorld::kNow, &not_put); }));
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().name == "bob/three");
  Texts left_out;
  for (const auto& [name, why] : not_put) left_out.push_back(name + ": " + why);
  CHECK(left_out == Texts{"bob/one: alice at 10.0.3.100 port 22 on backend be1 is container alice/web already",
                          "bob/two: there is no backend be9",
                          "bob/web: bob at 10.0.3.7 port 22 on backend be1 is container bob/three already"});
  CHECK(must(world.containers.of_owner(world.id_of("bob"))).back().address == "fd00::1");
}

TEST_CASE("an import that leaves a container where it is leaves the host key that was learned there") {
  DocumentWorld world;
  world.furnished();
  must(world.tries(with_containers(
      R"({"owner": "alice", "name": "a", "backend": "be1", "address": "10.0.3.1"},
         {"owner": "alice", "name": "b", "backend": "be1", "address": "10.0.3.2"},
         {"owner": "alice", "name": "c", "backend": "be1", "address": "10.0.3.3"},
         {"owner": "alice", "name": "d", "backend": "be1", "address": "10.0.3.4"})")));
  const auto id_of = [&](std::string_view name) {
    for (const auto& one : must(world.containers.named(name))) return one.id;
    return std::int64_t{0};
  };
  const auto key_of = [&](std::string_view name) {
    return host_key_of(world.host_keys, store::HostKeyOwner::of_container(id_of(name)));
  };
  for (const auto* const name : {"a", "b", "c", "d"}) {
    must(world.host_keys.learn(store::HostKeyOwner::of_container(id_of(name)), test::blob(name), 1));
  }
  const auto put = [&](std::string_view containers) {
    const auto document = must(parse_directory(with_containers(containers)));
    std::vector<NotPut> not_put;
    must(world.database.change(
        [&] { return apply(world.database, document, Unnamed::stay, test::SmallWorld::kNow, &not_put); }));
    Texts lines;
    for (const auto& [name, why] : not_put) lines.push_back(name + ": " + why);
    for (const auto& one : must(world.containers.of_owner(world.id_of("alice")))) {
      lines.push_back(fmt::format("{} {}", one.name, one.address));
    }
    return lines;
  };
  // One that stays is in the way of the next, and so on: c is put nowhere, so b is not, so a is not.
  CHECK(put(R"({"owner": "alice", "name": "a", "backend": "be1", "address": "10.0.3.2"},
               {"owner": "bob", "name": "new", "backend": "be1", "address": "10.0.3.1", "login": "alice"},
               {"owner": "alice", "name": "b", "backend": "be1", "address": "10.0.3.3"},
               {"owner": "alice", "name": "c", "backend": "be1", "address": "10.0.3.4"})") ==
        Texts{"alice/a: alice at 10.0.3.2 port 22 on backend be1 is container alice/b already",
              "bob/new: alice at 10.0.3.1 port 22 on backend be1 is container alice/a already",
              "alice/b: alice at 10.0.3.3 port 22 on backend be1 is container alice/c already",
              "alice/c: alice at 10.0.3.4 port 22 on backend be1 is container alice/d already", "a 10.0.3.1",
              "b 10.0.3.2", "c 10.0.3.3", "d 10.0.3.4", "web 10.0.3.100"});
  for (const auto* const name : {"a", "b", "c", "d"}) {
    CAPTURE(name);
    REQUIRE(key_of(name));
    CHECK(key_of(name)->blob == test::blob(name));
  }
  // Two that change places are in nobody's way, and what was learned belongs to another machine.
  CHECK(put(R"({"owner": "alice", "name": "a", "backend": "be1", "address": "10.0.3.2"},
               {"owner": "alice", "name": "b", "backend": "be1", "address": "10.0.3.1"})") ==
        Texts{"a 10.0.3.2", "b 10.0.3.1", "c 10.0.3.3", "d 10.0.3.4", "web 10.0.3.100"});
  CHECK_FALSE(key_of("a"));
  CHECK(key_of("c"));
}

TEST_CASE("two containers in one machine change their logins, and its host key stays known") {
  DocumentWorld world;
  world.furnished();
  const auto with = [](std::string_view a, std::string_view b) {
    return with_containers(fmt::format(
        R"({{"owner": "alice", "name": "a", "backend": "be1", "address": "10.0.3.1", "login": "{}"}},
           {{"owner": "alice", "name": "b", "backend": "be1", "address": "10.0.3.1", "login": "{}"}})",
        a, b));
  };
  must(world.tries(with("root", "ubuntu")));
  const auto owner = store::HostKeyOwner::of_container(must(world.containers.named("a")).front().id);
  must(world.host_keys.learn(owner, test::blob("learned"), 1));
  CHECK(world.applied(with("ubuntu", "root")) ==
        Texts{"change container alice/a: login root -> ubuntu", "change container alice/b: login ubuntu -> root"});
  CHECK(host_key_of(world.host_keys, owner));
}

TEST_CASE("keys and shares: added, changed, and removed only when asked for") {
  DocumentWorld world;
  world.furnished();
  const auto other = fmt::format(R"({{"name": "alice", "keys": [{{"key": "{}"}}]}})", kOther);
  CHECK(world.applied(with_users(other)).size() == 1);
  CHECK(must(world.keys.of_user(world.id_of("alice"))).size() == 2);
  const auto changed = world.applied(
      with_users(fmt::format(R"({{"name": "alice", "keys": [{{"key": "{}", "expires": null}}]}})", kKey)));
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].ends_with(": expires 2026-12-31T00:00:00Z -> never"));
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "shares": [{"user": "bob"}]})")) ==
        Texts{"change share alice/web bob: expires 2026-12-31T23:59:59Z -> never"});
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "shares": []},
                                        {"owner": "bob", "name": "web"})"),
                      Unnamed::go) == Texts{"remove share alice/web bob"});
  const auto pruned =
      world.applied(with_users(R"({"name": "alice", "keys": []}, {"name": "bob"}, {"name": "root"})"), Unnamed::go);
  CHECK(pruned.size() == 2);
  CHECK(must(world.keys.of_user(world.id_of("alice"))).empty());
}

TEST_CASE("pruning removes what the lists do not name, farthest first, and leaves lists alone that are not there") {
  DocumentWorld world;
  world.furnished();
  CHECK(world.fails(with_users(R"({"name": "root"})"), Unnamed::go) == "user alice would go, but still owns alice/web");
  CHECK(world.fails(with_backends(""), Unnamed::go) == "backend far would go, but there are still containers on it");
  CHECK(world.applied(R"({"version": 1, "users": [{"name": "root"}], "backends": [], "containers": []})",
                      Unnamed::go) == Texts{"remove container alice/web", "remove container bob/web",
                                            "remove backend far", "remove backend be1", "remove user alice",
                                            "remove user bob"});
  CHECK(world.applied(R"({"version": 1})", Unnamed::go) == Texts{});
}

TEST_CASE("a document says what is legacy, and what it does not mention stays") {
  DocumentWorld world;
  world.furnished();
  const auto old = with_containers(R"({"owner": "alice", "name": "web", "legacy": true})");
  CHECK(world.applied(old) == Texts{"change container alice/web: legacy no -> yes"});
  CHECK(world.applied(old) == Texts{});
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "login": "root"})")) ==
        Texts{"change container alice/web: login alice -> root"});
  CHECK(world.applied(with_backends(R"({"name": "be1", "legacy": true})")) ==
        Texts{"change backend be1: legacy no -> yes"});
  CHECK(world.applied(world.exported(), Unnamed::go) == Texts{});
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "legacy": false})")) ==
        Texts{"change container alice/web: legacy yes -> no"});
}

TEST_CASE("a document says what the bastion logs in with, and what it does not mention stays") {
  DocumentWorld world;
  world.furnished();
  const auto wanted = with_containers(R"({"owner": "alice", "name": "web", "identity": "certificate"})");
  CHECK(world.applied(wanted) == Texts{"change container alice/web: identity key -> certificate"});
  CHECK(world.applied(wanted) == Texts{});
  CHECK(world.applied(with_backends(R"({"name": "be1", "identity": "certificate"})")) ==
        Texts{"change backend be1: identity key -> certificate"});
  CHECK(world.applied(with_backends(R"({"name": "be1", "login": "other"})")) ==
        Texts{"change backend be1: login hop -> other"});
  CHECK(world.applied(world.exported(), Unnamed::go) == Texts{});
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "identity": "key"})")) ==
        Texts{"change container alice/web: identity certificate -> key"});
}

TEST_CASE("containers change places in one go, and a default moves from one to another") {
  DocumentWorld world;
  world.furnished();
  must(world.tries(with_containers(R"({"owner": "alice", "name": "db", "backend": "be1", "address": "10.0.3.101"})")));
  CHECK(world.applied(with_containers(R"({"owner": "alice", "name": "web", "address": "10.0.3.101", "default": false},
                                        {"owner": "alice", "name": "db", "address": "10.0.3.100", "default": true})")) ==
        Texts{"change container alice/web: address 10.0.3.100:22 -> 10.0.3.101:22, default yes -> no",
              "change container alice/db: address 10.0.3.101:22 -> 10.0.3.100:22, default no -> yes"});
  CHECK(world.applied(world.exported(), Unnamed::go) == Texts{});
}

TEST_CASE("what is wrong with a document is said with the place, and nothing is changed") {
  DocumentWorld world;
  world.furnished();
  struct Row {
    std::string document;
    std::string_view error;
  };
  const Row rows[] = {
      {R"([])", "the document: this is no object with fields"},
      {R"({})", "the document must say version: 1, the only one there is so far"},
      {R"({"version": 2})", "the document must say version: 1, the only one there is so far"},
      {R"({"version": 1, "user": []})", "the document: there is no field \"user\"; did you mean users?"},
      {R"({"version": 1, "users": {}})", "the document, users: this is no list"},
      {with_users("7"), "users[0]: this is no object with fields"},
      {with_users("{}"), "users[0], name: it is missing"},
      {with_users(R"({"name": "alice", "role": "king"})"),
       "users[0] (alice), role: there is no role \"king\": it is user, auditor, operator or admin"},
      {with_users(R"({"name": "alice", "options": "no-ptty"})"),
       "users[0] (alice), options: there is no option \"no-ptty\"; did you mean no-pty?"},
      {with_users(R"({"name": "alice", "disabled": 1})"), "users[0] (alice), disabled: it is true or false"},
      {with_users(R"({"name": "alice", "role": null})"), "users[0] (alice), role: it cannot be null"},
      {with_users(R"({"name": "alice", "keys": [{"key": "ssh-dss AAAA"}]})"),
       "users[0] (alice), keys[0]: DSA keys are not accepted any more: make a new one with ssh-keygen -t ed25519"},
      {with_users(R"({"name": "alice", "keys": [{"key": "x", "expires": "30d"}]})"),
       "users[0] (alice), keys[0], expires: 30d is no date: write 2026-12-31 or 2026-12-31T23:59:59Z"},
      {with_backends(R"({"name": "be9"})"), "backend be9: it is new, so it needs address and login"},
      {with_backends(R"({"name": "be1", "via": "far"})"), "backend be1: backend be1 cannot be reached via itself"},
      {with_backends(R"({"name": "be1", "via": "be9"})"), "backend be1: there is no backend be9"},
      {with_backends(R"({"name": "be1", "capacity": 0})"),
       "backends[0] (be1), capacity: it is a number from 1 to 1000000, or null"},
      {with_containers(R"({"owner": "alice", "name": "db"})"),
       "container alice/db: it is new, so it needs backend and address, or a command"},
      {with_containers(R"({"owner": "nina", "name": "db", "backend": "be1", "address": "10.0.3.9"})"),
       "container nina/db: there is no user nina"},
      {with_containers(R"({"owner": "bob", "name": "db", "backend": "be1", "address": "10.0.3.100",
                           "login": "alice"})"),
       "container bob/db: alice at 10.0.3.100 port 22 on backend be1 is container alice/web already"},
      {with_containers(R"({"owner": "alice", "name": "web", "default": true},
                          {"owner": "alice", "name": "web", "default": true})"),
       "containers[1]: alice/web is there already, as containers[0]"},
      {with_containers(R"({"owner": "alice", "name": "web", "shares": [{"user": "alice"}]})"),
       "container alice/web: it is alice's own, and cannot be shared with its owner"},
      {with_containers(R"({"owner": "alice", "name": "web", "shares": [{"user": "nina"}]})"),
       "container alice/web: there is no user nina to share it with"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.document);
    CHECK(world.fails(row.document) == row.error);
  }
  CHECK(world.fails("{").starts_with("this is no JSON document: "));
}

}  // namespace bastion::admin
