// What the tables promise the login path and the commands.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "store/accounts.h"
#include "store/sessions.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::host_key_of;
using test::must;
using test::refused;
using test::SmallWorld;
using Names = std::vector<std::string>;

Names names_of(const std::vector<Container>& containers) {
  Names names;
  for (const auto& container : containers) names.push_back(container.full_name());
  return names;
}

Names names_of(const std::vector<Backend>& backends) {
  Names names;
  for (const auto& backend : backends) names.push_back(backend.name);
  return names;
}

}  // namespace

TEST_CASE("users: a name is there once") {
  SmallWorld world;
  world.user("alice");
  CHECK(refused(world.users.add("alice", Role::admin, 0)) == "user alice exists already");
  CHECK(refused(world.users.get("bob")) == "there is no user bob");
  CHECK(must(world.users.get("alice")).role == Role::user);
}

TEST_CASE("keys: whose key it is") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.key("alice", "A");
  const auto enrolled = [&](std::string_view user, std::string_view key) {
    return must(world.keys.enrolled(user, blob(key)));
  };
  const auto alice = enrolled("alice", "A");
  REQUIRE(alice);
  CHECK(alice->user == world.id_of("alice"));
  CHECK(alice->user_name == "alice");
  CHECK(alice->fingerprint == "SHA256:A");
  CHECK_FALSE(enrolled("alice", "B"));
  CHECK_FALSE(enrolled("bob", "A"));
  CHECK_FALSE(enrolled("nobody", "A"));

  CHECK(must(world.keys.remove(world.id_of("alice"), "SHA256:A")));
  CHECK_FALSE(must(world.keys.remove(world.id_of("alice"), "SHA256:A")));
  CHECK_FALSE(enrolled("alice", "A"));
}

TEST_CASE("keys: one key may open the way for two users, but once for each") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.key("alice", "A");
  world.key("bob", "A");
  const Key again{.blob = blob("A"), .fingerprint = "SHA256:A", .comment = {}, .expires_at = {}, .last_used_at = {}};
  CHECK(refused(world.keys.add(world.id_of("alice"), again)) == "key SHA256:A is there already");
}

TEST_CASE("keys: what a login is told about the user and the key, and a running session again") {
  SmallWorld world;
  world.user("alice");
  world.key("alice", "A", SmallWorld::kNow + 10);
  auto alice = must(world.users.get("alice"));
  alice.role = Role::admin;
  alice.options = "no-pty";
  alice.idle_timeout = 0;
  alice.max_session = 3600;
  alice.caps = {.sessions = 1, .logins = 2, .rekeys = 3, .bytes = 0};
  must(world.users.update(alice));
  auto key = must(world.keys.of_user(alice.id)).front();
  key.options = "from=\"10.0.0.0/8\"";
  must(world.keys.update(key));
  CHECK(must(world.keys.of_user(alice.id)).front().options == key.options);

  must(world.users.disable(alice.id, SmallWorld::kNow));

  for (const auto& enrolled :
       {must(world.keys.enrolled("alice", blob("A"))), must(world.keys.enrolled(alice.id, key.id))}) {
    REQUIRE(enrolled);
    CHECK(enrolled->user_disabled_at == SmallWorld::kNow);
    CHECK(enrolled->user == alice.id);
    CHECK(enrolled->key == key.id);
    CHECK(enrolled->role == Role::admin);
    CHECK(enrolled->user_options == "no-pty");
    CHECK(enrolled->key_options == key.options);
    CHECK(enrolled->key_expires_at == SmallWorld::kNow + 10);
    CHECK(enrolled->idle_timeout == 0);
    CHECK(enrolled->max_session == 3600);
    CHECK(enrolled->caps == alice.caps);
  }
  CHECK_FALSE(must(world.keys.enrolled(alice.id, key.id + 1)));
  CHECK_FALSE(must(world.keys.enrolled(alice.id + 1, key.id)));
}

TEST_CASE("backends: a chain is nearest first, and never a circle") {
  SmallWorld world;
  world.backend("jump1");
  world.backend("jump2", "jump1");
  const auto far = world.backend("be3", "jump2");
  CHECK(names_of(must(world.backends.chain(far))) == Names{"jump1", "jump2", "be3"});
  CHECK(must(world.backends.behind(must(world.backends.get("jump1")).id)) == Names{"jump2"});
  CHECK(must(world.backends.chain(4711)).empty());
  CHECK(must(world.backends.get("be3")).via_name == "jump2");

  const auto closing = world.database.run("UPDATE backends SET via = (SELECT id FROM backends WHERE name = 'be3')");
  CHECK(refused(closing).ends_with("a backend cannot be reached via itself"));
  const auto itself = world.database.run(
      "INSERT INTO backends (name, host, port, login, via, route, state, created_at)"
      " VALUES ('x', 'x', 22, 'x', 4, 'hop', 'active', 0)");
  CHECK(refused(itself).ends_with("a backend cannot be reached via itself"));
}

TEST_CASE("backends: what others stand on cannot be taken away") {
  SmallWorld world;
  const auto jump = world.backend("jump1");
  const auto be1 = world.backend("be1", "jump1");
  world.user("alice");
  const auto web = world.container("alice", "web", "be1", "10.0.3.100");
  CHECK_FALSE(world.backends.remove(jump));
  CHECK_FALSE(world.backends.remove(be1));
  CHECK_FALSE(world.users.remove(world.id_of("alice")));
  must(world.containers.remove(web));
  must(world.users.remove(world.id_of("alice")));
  must(world.backends.remove(be1));
  must(world.backends.remove(jump));
}

TEST_CASE("containers: the same address on two backends, but not twice on one") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  world.backend("be2");
  world.container("alice", "web", "be1", "10.0.3.100");
  world.container("bob", "web", "be2", "10.0.3.100");
  auto same = world.describe("bob", "db", "be1", "10.0.3.100");
  same.account = "alice";
  CHECK(refused(world.containers.add(same)) ==
        "alice at 10.0.3.100 port 22 on backend be1 is container alice/web already");
  CHECK(refused(world.containers.add(world.describe("alice", "web", "be1", "10.0.3.101"))) ==
        "container alice/web exists already");
  CHECK(names_of(must(world.containers.named("web"))) == Names{"alice/web", "bob/web"});
}

TEST_CASE("containers: an owner has one default, the last one that was named so") {
  SmallWorld world;
  world.user("alice");
  world.backend("be1");
  world.default_container("alice", "web", "be1", "10.0.3.100");
  world.default_container("alice", "db", "be1", "10.0.3.101");
  const auto own = must(world.containers.of_owner(world.id_of("alice")));
  REQUIRE(own.size() == 2);
  CHECK(own[0].is_default);
  CHECK(own[0].name == "db");
  CHECK_FALSE(own[1].is_default);
}

TEST_CASE("containers: shared ones are open until the share ends, after one's own") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  world.container("bob", "web", "be1", "10.0.3.100");
  const auto shared = world.container("alice", "web", "be1", "10.0.3.101");
  world.container("alice", "secret", "be1", "10.0.3.102");
  const auto bob = world.id_of("bob");
  const Entrant him{bob, "bob"};
  must(world.shares.add(shared, bob, SmallWorld::kNow + 10));
  CHECK(names_of(must(world.containers.open_to(him, SmallWorld::kNow))) == Names{"bob/web", "alice/web"});
  CHECK(names_of(must(world.containers.open_to(him, "web", SmallWorld::kNow))) == Names{"bob/web", "alice/web"});
  CHECK(must(world.containers.open_to(him, "secret", SmallWorld::kNow)).empty());
  CHECK(names_of(must(world.containers.open_to(him, SmallWorld::kNow + 10))) == Names{"bob/web"});
  must(world.shares.add(shared, bob, std::nullopt));
  CHECK(must(world.containers.open_to(him, SmallWorld::kNow + 10)).size() == 2);
  CHECK(must(world.shares.remove(shared, bob)));
  CHECK_FALSE(must(world.shares.remove(shared, bob)));
}

TEST_CASE("containers: what is open to somebody says where its owner lands, whoever that is") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  const auto web = world.container("bob", "web", "be1", "10.0.3.100");
  const Entrant alice{world.id_of("alice"), "alice"};
  const Entrant bob{world.id_of("bob"), "bob"};
  must(world.shares.add(web, alice.id, std::nullopt));
  const auto lands = [&](const Entrant& who) {
    Names names;
    for (const auto& container : must(world.containers.open_to(who, SmallWorld::kNow))) {
      if (container.is_plain_login) names.push_back(container.full_name());
    }
    return names;
  };
  CHECK(lands(bob) == Names{"bob/web"});
  CHECK(lands(alice) == Names{"bob/web"});
  world.container("alice", "db", "be1", "10.0.3.101");
  CHECK(lands(alice) == Names{"alice/db", "bob/web"});
  world.container("bob", "db", "be1", "10.0.3.102");
  CHECK(lands(bob).empty());
  CHECK(lands(alice) == Names{"alice/db"});
}

TEST_CASE("containers: a running session is told whether hers is still open, and until when") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  const auto web = world.container("alice", "web", "be1", "10.0.3.101");
  const Entrant alice{world.id_of("alice"), "alice"};
  const auto bob = world.id_of("bob");
  const Entrant him{bob, "bob"};
  const auto open = [&](const Entrant& who, std::int64_t now = SmallWorld::kNow) {
    return must(world.containers.still_open_to(who, web, now));
  };
  REQUIRE(open(alice));
  CHECK(open(alice)->full_name() == "alice/web");
  CHECK_FALSE(open(alice)->shared_until);
  CHECK_FALSE(open(him));
  must(world.shares.add(web, bob, std::nullopt));
  CHECK_FALSE(open(him)->shared_until);
  must(world.shares.add(web, bob, SmallWorld::kNow + 10));
  CHECK(open(him)->shared_until == SmallWorld::kNow + 10);
  CHECK(must(world.containers.open_to(him, SmallWorld::kNow)).front().shared_until == SmallWorld::kNow + 10);
  CHECK_FALSE(open(him, SmallWorld::kNow + 10));
  must(world.containers.remove(web));
  CHECK_FALSE(open(alice));
}

TEST_CASE("containers and backends are found by where they are") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be2");
  world.backend("be1");
  world.container("alice", "web", "be2", "10.0.3.100");
  world.container("bob", "db", "be1", "10.0.3.100");
  world.container("bob", "other", "be1", "10.0.3.10");
  CHECK(names_of(must(world.containers.at("10.0.3.100"))) == Names{"bob/db", "alice/web"});
  CHECK(must(world.containers.at("10.0.3.1")).empty());
  CHECK(names_of(must(world.backends.at("be1.example"))) == Names{"be1"});
  CHECK(names_of(must(world.backends.at("BE1.Example"))) == Names{"be1"});
  CHECK(must(world.backends.at("be1")).empty());
}

TEST_CASE("host keys: the first one counts until an administrator says otherwise") {
  SmallWorld world;
  world.user("alice");
  const auto backend = HostKeyOwner::of_backend(world.backend("be1"));
  const auto container = HostKeyOwner::of_container(world.container("alice", "web", "be1", "10.0.3.100"));
  CHECK_FALSE(host_key_of(world.host_keys, backend));
  CHECK(must(world.host_keys.learn(backend, blob("one"), 1)).front().is_new);
  CHECK(must(world.host_keys.learn(backend, blob("two"), 2)).front().blob == blob("one"));
  CHECK(must(world.host_keys.learn(container, blob("three"), 3)).front().blob == blob("three"));

  must(world.host_keys.pin(backend, blob("pin"), 4));
  const auto pinned = host_key_of(world.host_keys, backend);
  REQUIRE(pinned);
  CHECK(pinned->blob == blob("pin"));
  CHECK(pinned->origin == HostKey::Origin::pinned);
  CHECK(host_key_of(world.host_keys, container)->origin == HostKey::Origin::learned);

  must(world.containers.remove(*container.container()));
  CHECK_FALSE(host_key_of(world.host_keys, container));
  CHECK(refused(world.host_keys.learn(container, blob("late"), 5)) == "it has just been removed");
}

TEST_CASE("two accounts in one machine are two containers with one host key") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  world.backend("be2");
  const auto alices = HostKeyOwner::of_container(world.container("alice", "box", "be1", "10.0.3.100"));
  const auto bobs = HostKeyOwner::of_container(world.container("bob", "box", "be1", "10.0.3.100"));
  const auto elsewhere = HostKeyOwner::of_container(world.container("bob", "far", "be2", "10.0.3.100"));
  auto taken = world.describe("bob", "again", "be1", "10.0.3.100");
  CHECK(refused(world.containers.add(taken)) ==
        "bob at 10.0.3.100 port 22 on backend be1 is container bob/box already");
  auto box = must(world.containers.of_owner(world.id_of("bob"))).front();
  box.account = "alice";
  CHECK(refused(world.containers.update(box)) ==
        "alice at 10.0.3.100 port 22 on backend be1 is container alice/box already");

  CHECK(must(world.host_keys.learn(alices, blob("K"), 1)).front().blob == blob("K"));
  CHECK(must(world.host_keys.learn(bobs, blob("L"), 2)).front().blob == blob("K"));
  CHECK_FALSE(host_key_of(world.host_keys, elsewhere));
  must(world.host_keys.pin(bobs, blob("P"), 3));
  CHECK(host_key_of(world.host_keys, alices)->blob == blob("P"));
  CHECK_FALSE(must(world.host_keys.forget_learned(alices)));
  CHECK(must(world.host_keys.forget(alices)));
  CHECK_FALSE(host_key_of(world.host_keys, bobs));
}

TEST_CASE("the host key of a machine is known for as long as somebody has an account there") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  world.backend("be1");
  const auto box = world.container("alice", "box", "be1", "10.0.3.100");
  const auto alices = HostKeyOwner::of_container(box);
  const auto bobs = HostKeyOwner::of_container(world.container("bob", "box", "be1", "10.0.3.100"));
  must(world.host_keys.pin(alices, blob("P"), 1));
  must(world.containers.remove(box));
  CHECK(host_key_of(world.host_keys, bobs)->blob == blob("P"));
  // Pinned: it goes along. Learned: it was learned of that place.
  auto moving = must(world.containers.of_owner(world.id_of("bob"))).front();
  moving.port = 2200;
  must(world.containers.update(moving));
  CHECK(host_key_of(world.host_keys, bobs)->blob == blob("P"));
  const auto next = HostKeyOwner::of_container(world.container("alice", "next", "be1", "10.0.3.100"));
  CHECK_FALSE(host_key_of(world.host_keys, next));
  must(world.host_keys.learn(next, blob("L"), 2));
  moving.port = 22;
  must(world.containers.update(moving));
  CHECK(host_key_of(world.host_keys, bobs)->blob == blob("L"));
}

TEST_CASE("host keys: several of one machine count, the pinned ones first, and go one by one") {
  SmallWorld world;
  world.user("alice");
  const auto be1 = HostKeyOwner::of_backend(world.backend("be1"));
  const auto web = HostKeyOwner::of_container(world.container("alice", "web", "be1", "10.0.3.100"));
  const auto known = [&](const HostKeyOwner& owner) {
    Names keys;
    for (const auto& one : must(world.host_keys.of(owner))) {
      keys.push_back(std::string(one.blob.begin(), one.blob.end()) + " " + std::string(text_of(one.origin)));
    }
    return keys;
  };
  for (const auto& owner : {be1, web}) {
    must(world.host_keys.learn(owner, blob("A"), 1));
    must(world.host_keys.pin_too(owner, blob("B"), 2));
    must(world.host_keys.pin_too(owner, blob("C"), 3));
    CHECK(known(owner) == Names{"B pinned", "C pinned", "A learned"});
    CHECK_FALSE(must(world.host_keys.learn(owner, blob("D"), 4)).front().is_new);
    must(world.host_keys.pin_too(owner, blob("A"), 5));
    must(world.host_keys.pin_too(owner, blob("A"), 6));
    CHECK(known(owner) == Names{"A pinned", "B pinned", "C pinned"});
    CHECK(host_key_of(world.host_keys, owner)->first_seen_at == 1);
    CHECK(must(world.host_keys.forget(owner, blob("B"))));
    CHECK_FALSE(must(world.host_keys.forget(owner, blob("B"))));
    CHECK(known(owner) == Names{"A pinned", "C pinned"});
  }
  Names all;
  for (const auto& one : must(world.host_keys.all())) all.push_back(one.machine);
  CHECK(all == Names{"backend be1", "backend be1", "container alice/web", "container alice/web"});
  must(world.host_keys.pin(web, blob("P"), 7));
  CHECK(known(web) == Names{"P pinned"});
  CHECK(must(world.host_keys.forget(be1)));
  CHECK(known(be1).empty());
  CHECK_FALSE(must(world.host_keys.forget(be1)));
}

TEST_CASE("host keys: pinned ones go along with what moves, and never join those of another machine") {
  SmallWorld world;
  world.user("alice");
  world.backend("be1");
  const auto id = world.container("alice", "web", "be1", "10.0.3.100");
  const auto web = HostKeyOwner::of_container(id);
  const auto other = HostKeyOwner::of_container(world.container("alice", "db", "be1", "10.0.3.101"));
  must(world.host_keys.learn(web, blob("L"), 1));
  must(world.host_keys.pin_too(web, blob("P"), 1));
  must(world.host_keys.pin_too(web, blob("Q"), 1));
  must(world.host_keys.learn(other, blob("O"), 1));
  auto moving = must(world.containers.named("web")).front();
  moving.address = "10.0.3.102";
  must(world.containers.update(moving));
  CHECK(must(world.host_keys.of(web)).size() == 2);
  moving.address = "10.0.3.101";
  moving.account = "root";
  must(world.containers.update(moving));
  REQUIRE(must(world.host_keys.of(web)).size() == 1);
  CHECK(host_key_of(world.host_keys, web)->blob == blob("O"));
}

TEST_CASE("host keys: the last one that was refused is remembered, and opens nothing") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  const auto backend = world.backend("be1");
  const auto be1 = HostKeyOwner::of_backend(backend);
  const auto id = world.container("alice", "web", "be1", "10.0.3.100");
  const auto web = HostKeyOwner::of_container(id);
  const auto bobs = HostKeyOwner::of_container(world.container("bob", "web", "be1", "10.0.3.100"));
  CHECK_FALSE(must(world.host_keys.refused(web)));
  must(world.host_keys.learn(web, blob("known"), 1));
  must(world.host_keys.pin_too(web, blob("pin"), 1));
  for (const auto& owner : {be1, web}) {
    must(world.host_keys.refuse(owner, blob("one"), 2));
    must(world.host_keys.refuse(owner, blob("two"), 3));
    CHECK(must(world.host_keys.refused(owner))->blob == blob("two"));
    CHECK(must(world.host_keys.refused(owner))->seen_at == 3);
  }
  must(world.host_keys.refuse(web, blob("known"), 4));  // it was accepted meanwhile
  CHECK(must(world.host_keys.of(be1)).empty());
  CHECK(must(world.host_keys.refused(bobs))->blob == blob("two"));
  const auto all = must(world.host_keys.all_refused());
  REQUIRE(all.size() == 2);
  CHECK(all[0].machine == "backend be1");
  CHECK(all[0].expected.empty());
  CHECK(all[1].machine == "container alice/web");
  CHECK(all[1].expected == std::vector{blob("pin"), blob("known")});
  // What is said about the machine says it about that one too.
  CHECK(must(world.host_keys.forget(web, blob("two"))));
  CHECK_FALSE(must(world.host_keys.refused(web)));
  must(world.host_keys.refuse(web, blob("two"), 4));
  must(world.host_keys.pin_too(web, blob("other"), 4));
  CHECK(must(world.host_keys.refused(web)));
  must(world.host_keys.pin_too(web, blob("two"), 4));
  CHECK_FALSE(must(world.host_keys.refused(web)));
  for (const auto forget : {0, 1, 2}) {
    must(world.host_keys.refuse(web, blob("three"), 5));
    if (forget == 0) must(world.host_keys.forget(web));
    if (forget == 1) must(world.host_keys.forget_learned(web));
    if (forget == 2) must(world.host_keys.pin(web, blob("new"), 5));
    CHECK_FALSE(must(world.host_keys.refused(web)));
  }
  // It goes with the last account in the machine, and with the backend.
  must(world.host_keys.refuse(web, blob("three"), 6));
  must(world.containers.remove(id));
  CHECK(must(world.host_keys.refused(bobs)));
  must(world.containers.remove(*bobs.container()));
  CHECK(must(world.host_keys.all_refused()).size() == 1);
  must(world.backends.remove(backend));
  CHECK(must(world.host_keys.all_refused()).empty());
}

TEST_CASE("host keys: machines that have the same one are told apart by nothing else, so they are named") {
  SmallWorld world;
  world.user("alice");
  world.user("bob");
  const auto be1 = HostKeyOwner::of_backend(world.backend("be1"));
  const auto be2 = HostKeyOwner::of_backend(world.backend("be2"));
  const auto web = HostKeyOwner::of_container(world.container("alice", "web", "be1", "10.0.3.100"));
  const auto copy = HostKeyOwner::of_container(world.container("bob", "web", "be2", "10.0.3.100"));
  const auto other = HostKeyOwner::of_container(world.container("bob", "db", "be2", "10.0.3.101"));
  CHECK(must(world.host_keys.copies_of(web)).empty());
  must(world.host_keys.learn(web, blob("one"), 1));
  must(world.host_keys.learn(other, blob("other"), 1));
  must(world.host_keys.learn(be1, blob("one"), 1));  // a backend may be somebody's container too
  CHECK(must(world.host_keys.copies_of(web)).empty());
  CHECK(must(world.host_keys.shared()).empty());

  must(world.host_keys.learn(copy, blob("one"), 2));
  must(world.host_keys.pin(be2, blob("one"), 2));
  CHECK(must(world.host_keys.copies_of(web)) == Names{"container bob/web"});
  CHECK(must(world.host_keys.copies_of(copy)) == Names{"container alice/web"});
  CHECK(must(world.host_keys.copies_of(be2)) == Names{"backend be1"});
  CHECK(must(world.host_keys.copies_of(other)).empty());
  Names shared;
  for (const auto& one : must(world.host_keys.shared())) shared.push_back(one.machines);
  std::ranges::sort(shared);
  CHECK(shared == Names{"backend be1, backend be2", "container alice/web, container bob/web"});

  must(world.host_keys.forget(copy));
  CHECK(must(world.host_keys.copies_of(web)).empty());
}

TEST_CASE("accounts: one is known by its name, and by its machine together with that machine's host keys") {
  SmallWorld world;
  Accounts accounts(world.database);
  const auto be1 = HostKeyOwner::of_backend(world.backend("be1"));
  world.user("alice");
  world.user("bob");
  const auto web = HostKeyOwner::of_container(world.container("alice", "web", "be1", "10.0.3.7"));
  world.container("bob", "web", "be1", "10.0.3.7");  // another account in the same machine
  world.container("bob", "other", "be1", "10.0.3.8");
  must(world.host_keys.pin(be1, blob("pinned"), 1));
  must(world.host_keys.learn(web, blob("learned"), 1));
  must(world.host_keys.refuse(web, blob("refused"), 2));

  for (const auto* const account : {"hop", "alice", "bob"}) CHECK(must(accounts.has(account)));
  for (const auto* const account : {"", "root", "HOP", "hop "}) CHECK_FALSE(must(accounts.has(account)));
  CHECK(must(accounts.has("hop", blob("pinned"))));
  CHECK(must(accounts.has("alice", blob("learned"))));
  CHECK(must(accounts.has("bob", blob("learned"))));
  CHECK_FALSE(must(accounts.has("hop", blob("learned"))));
  CHECK_FALSE(must(accounts.has("alice", blob("pinned"))));
  CHECK_FALSE(must(accounts.has("alice", blob("refused"))));
  CHECK_FALSE(must(accounts.has("root", blob("pinned"))));
  CHECK_FALSE(must(accounts.has("hop", {})));
}

TEST_CASE("sessions: where one leads may be known later than that it is there") {
  SmallWorld world;
  Sessions sessions(world.database);
  must(sessions.open(
      {.id = "l1", .user = "alice", .from_host = "", .key_fingerprint = "", .container = "", .route = ""}));
  must(sessions.route({.id = "l1", .container = "alice/web", .route = "jump1 > be1"}));
  CHECK(must(sessions.latest(1)).front().opened.container == "alice/web");
  CHECK(must(sessions.latest(1)).front().opened.route == "jump1 > be1");
  must(sessions.close({.id = "l1", .at = 20, .reason = "ok"}));
  must(sessions.route({.id = "l1", .container = "alice/db", .route = ""}));
  CHECK(must(sessions.latest(1)).front().opened.container == "alice/web");
}

TEST_CASE("sessions: what a killed server left open is closed, and nothing of another one") {
  SmallWorld world;
  Sessions sessions(world.database);
  const auto open = [&](const char* id, const char* server) {
    must(sessions.open({.id = id,
                        .user = "alice",
                        .from_host = "",
                        .key_fingerprint = "",
                        .container = "",
                        .route = "",
                        .at = 10,
                        .server = server}));
  };
  open("ended", "gone");
  must(sessions.close({.id = "ended", .at = 11, .reason = "ok"}));
  open("lost", "gone");
  open("running", "alive");
  CHECK(must(sessions.servers()) == Names{"alive", "gone"});
  CHECK(must(sessions.close_left_open("gone", 20, "server_killed")) == 1);
  CHECK(must(sessions.servers()) == Names{"alive"});
  const auto all = must(sessions.latest(3));
  CHECK_FALSE(all[0].closed);
  REQUIRE(all[1].closed);
  CHECK(all[1].closed->at == 20);
  CHECK(all[1].closed->reason == "server_killed");
  CHECK(all[2].closed->at == 11);
}

TEST_CASE("sessions: opened, then closed, once") {
  SmallWorld world;
  Sessions sessions(world.database);
  must(sessions.open({.id = "l1",
                      .user = "alice",
                      .from_host = "10.0.0.1",
                      .key_fingerprint = "SHA256:A",
                      .container = "alice/web",
                      .route = "be1",
                      .at = 10}));
  CHECK_FALSE(must(sessions.latest(1)).front().closed);
  must(sessions.close({.id = "l1", .at = 20, .bytes_from_user = 3, .bytes_from_container = 4, .reason = "ok"}));
  must(sessions.close({.id = "l1", .at = 30, .reason = "shutdown"}));
  const auto session = must(sessions.latest(1)).front();
  CHECK(session.opened.container == "alice/web");
  REQUIRE(session.closed);
  CHECK(session.closed->at == 20);
  CHECK(session.closed->reason == "ok");
  CHECK(session.closed->bytes_from_container == 4);
}

}  // namespace bastion::store
