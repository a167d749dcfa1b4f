// Which certificates of host keys count for which machine.
#include "store/host_cas.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/accounts.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::must;
using Blobs = std::vector<ByteVector>;

struct CertifiedWorld : test::SmallWorld {
  CertifiedWorld() {
    backend("be1");
    backend("far", "be1");
    backend("net", {}, RouteKind::direct);
    backend("farnet", "be1", RouteKind::direct);
    user("alice");
    for (const std::string name : {"be1", "far", "net", "farnet"}) container("alice", "at-" + name, name, "10.0.3.7");
    must(host_cas.put({.blob = blob("CA"), .hosts = "*", .comment = "the CA", .added_at = 1}));
  }
  HostKeyOwner at(std::string_view backend) { return HostKeyOwner::of_backend(must(backends.get(backend)).id); }
  HostKeyOwner in(std::string_view container) {
    return HostKeyOwner::of_container(must(containers.named(container)).front().id);
  }
  std::string name_of(const HostKeyOwner& owner) { return must(host_cas.trust_of(owner)).name; }
};

}  // namespace

TEST_CASE("host CAs: what the bastion itself connects to is called by its address, and all else as it is told") {
  CertifiedWorld world;
  CHECK(world.name_of(world.at("be1")) == "be1.example");
  CHECK(world.name_of(world.at("far")).empty());
  CHECK(world.name_of(world.in("at-be1")).empty());
  CHECK(world.name_of(world.in("at-far")).empty());
  CHECK(world.name_of(world.in("at-net")) == "10.0.3.7");
  CHECK(world.name_of(world.in("at-farnet")).empty());
  CHECK(must(world.host_cas.trust_of(world.in("at-be1"))).cas.empty());
  CHECK(must(world.host_cas.trust_of(world.at("be1"))).cas == Blobs{blob("CA")});
  for (const auto& owner : {world.at("be1"), world.at("far"), world.in("at-be1"), world.in("at-net")}) {
    CHECK(must(world.host_cas.alias_of(owner)).empty());
    must(world.host_cas.set_alias(owner, "one"));
    must(world.host_cas.set_alias(owner, "other"));
    CHECK(must(world.host_cas.alias_of(owner)) == "other");
    CHECK(world.name_of(owner) == "other");
    CHECK(must(world.host_cas.trust_of(owner)).cas.size() == 1);
    CHECK(must(world.host_cas.remove_alias(owner)));
    CHECK_FALSE(must(world.host_cas.remove_alias(owner)));
  }
  CHECK(world.name_of(world.in("at-net")) == "10.0.3.7");
  CHECK(world.name_of(HostKeyOwner::of_container(0)).empty());
}

TEST_CASE("host CAs: each is trusted for the hosts that it was added for, until it is removed") {
  CertifiedWorld world;
  must(world.host_cas.put({.blob = blob("CA"), .hosts = "*.elsewhere", .comment = "again", .added_at = 2}));
  CHECK(must(world.host_cas.trust_of(world.at("be1"))).cas.empty());
  must(world.host_cas.put({.blob = blob("B"), .hosts = "be*.example,!be2.example", .comment = "", .added_at = 2}));
  CHECK(must(world.host_cas.trust_of(world.at("be1"))).cas == Blobs{blob("B")});
  must(world.host_cas.set_alias(world.at("be1"), "be2.example"));
  CHECK(must(world.host_cas.trust_of(world.at("be1"))).cas.empty());
  REQUIRE(must(world.host_cas.all()).size() == 2);
  CHECK(must(world.host_cas.all()).front().comment == "again");
  CHECK(must(world.host_cas.all()).front().added_at == 1);
  CHECK(must(world.host_cas.remove(blob("CA"))));
  CHECK_FALSE(must(world.host_cas.remove(blob("CA"))));
  CHECK(must(world.host_cas.all()).size() == 1);
}

TEST_CASE("host CAs: an account is found by the name of its machine as a login finds it") {
  CertifiedWorld world;
  Accounts accounts(world.database);
  CHECK(must(accounts.has_at("hop", "be1.example")));
  CHECK_FALSE(must(accounts.has_at("root", "be1.example")));
  CHECK_FALSE(must(accounts.has_at("hop", "far.example")));
  CHECK(must(accounts.has_at("alice", "10.0.3.7")));  // at-net
  must(world.host_cas.set_alias(world.in("at-net"), "net"));
  CHECK_FALSE(must(accounts.has_at("alice", "10.0.3.7")));
  CHECK(must(accounts.has_at("alice", "net")));
  must(world.host_cas.set_alias(world.at("far"), "far"));
  CHECK(must(accounts.has_at("hop", "far")));
  CHECK_FALSE(must(accounts.has_at("alice", "far")));
  must(world.host_cas.set_alias(world.at("be1"), "one"));
  CHECK_FALSE(must(accounts.has_at("hop", "be1.example")));
  CHECK_FALSE(must(accounts.backend_asks_for_certificates_at("hop", "one")));
  CHECK_FALSE(must(accounts.container_asks_for_certificates_at("alice", "net")));
  auto be1 = must(world.backends.get("be1"));
  be1.presents = Presented::certificate;
  must(world.backends.update(be1));
  auto net = must(world.containers.named("at-net")).front();
  net.presents = Presented::certificate;
  must(world.containers.update(net));
  CHECK(must(accounts.backend_asks_for_certificates_at("hop", "one")));
  CHECK(must(accounts.container_asks_for_certificates_at("alice", "net")));
  CHECK_FALSE(must(accounts.container_asks_for_certificates_at("hop", "one")));
  net.presents = Presented::agent;
  must(world.containers.update(net));
  CHECK_FALSE(must(accounts.container_asks_for_certificates_at("alice", "net")));
  CHECK_FALSE(must(accounts.has_at("alice", "net")));  // nothing of the bastion's is for it
}

TEST_CASE("host CAs: a name goes along with what moves, and nobody who comes later has it") {
  CertifiedWorld world;
  must(world.host_cas.set_alias(world.in("at-be1"), "web"));
  must(world.host_cas.note(world.in("at-be1"), {.key = blob("K"), .ca = blob("CA"), .seen_at = 5}));
  auto moved = must(world.containers.named("at-be1")).front();
  moved.address = "10.0.3.8";
  must(world.containers.update(moved));
  CHECK(must(world.host_cas.alias_of(world.in("at-be1"))) == "web");
  CHECK_FALSE(must(world.host_cas.certified(world.in("at-be1"))));
  world.container("alice", "next", "be1", "10.0.3.7");
  CHECK(must(world.host_cas.alias_of(world.in("next"))).empty());
  must(world.containers.remove(moved.id));
  world.container("alice", "again", "be1", "10.0.3.8");
  CHECK(must(world.host_cas.alias_of(world.in("again"))).empty());
}

TEST_CASE("host CAs: it is remembered with which certificate a machine was known last") {
  CertifiedWorld world;
  const auto be1 = world.at("be1");
  must(world.host_keys.refuse(be1, blob("K"), 1));
  must(world.host_cas.note(be1, {.key = blob("K"), .ca = blob("CA"), .key_id = "id", .seen_at = 5}));
  CHECK_FALSE(must(world.host_keys.refused(be1)));
  must(world.host_keys.refuse(be1, blob("R"), 1));
  // Not for each login.
  must(world.host_cas.note(be1, {.key = blob("K"), .ca = blob("CA"), .key_id = "id", .seen_at = 6}));
  CHECK(must(world.host_cas.certified(be1))->seen_at == 5);
  must(world.host_cas.note(be1, {.key = blob("K"), .ca = blob("CA"), .key_id = "id", .seen_at = 5000}));
  CHECK(must(world.host_cas.certified(be1))->seen_at == 5000);
  must(world.host_cas.note(
      be1, {.key = blob("L"), .ca = blob("CA"), .key_id = "id", .valid_before = 7000, .seen_at = 5001}));
  const auto all = must(world.host_cas.all_certified());
  REQUIRE(all.size() == 1);
  CHECK(all.front().machine == "backend be1");
  CHECK(all.front().key == blob("L"));
  CHECK(all.front().valid_before == 7000);
  CHECK(must(world.host_keys.refused(be1)));
  // What was certified once is not unknown, before somebody says so.
  CHECK(must(world.host_cas.remove(blob("CA"))));
  CHECK(must(world.host_cas.certified(be1)));
  CHECK(must(world.host_keys.forget(be1)));
  CHECK_FALSE(must(world.host_keys.forget(be1)));
  CHECK(must(world.host_cas.all_certified()).empty());
  must(world.host_cas.note(HostKeyOwner::of_container(0), {.key = blob("K"), .ca = blob("CA"), .seen_at = 5}));
  CHECK(must(world.host_cas.all_certified()).empty());
}

}  // namespace bastion::store
