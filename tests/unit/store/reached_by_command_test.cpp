// A container has an address or a command, and either is its place.
#include <doctest/doctest.h>

#include <string>

#include "store/containers.h"
#include "store/host_keys.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::host_key_of;
using test::must;
using test::refused;

constexpr const char* kCommand = "incus exec box -- /usr/sbin/sshd -i";

struct CommandedWorld : test::SmallWorld {
  CommandedWorld() {
    for (const auto* const name : {"alice", "bob"}) user(name);
    for (const auto* const name : {"be1", "be2"}) backend(name);
    box = added("alice", "box", "be1");
  }

  std::int64_t added(std::string_view owner, std::string_view name, std::string_view on,
                     const std::string& account = {}) {
    return must(containers.add(described(owner, name, on, account)));
  }
  Container described(std::string_view owner, std::string_view name, std::string_view on,
                      const std::string& account = {}) {
    auto container = describe(owner, name, on, "");
    container.command = kCommand;
    if (!account.empty()) container.account = account;
    return container;
  }
  Container known(std::int64_t id) {
    for (auto& one : must(containers.all())) {
      if (one.id == id) return one;
    }
    FAIL("it is gone");
    return {};
  }

  std::int64_t box = 0;
};

}  // namespace

TEST_CASE("a command is kept as it stands, and is no address") {
  CommandedWorld world;
  const auto box = world.known(world.box);
  CHECK(box.command == kCommand);
  CHECK(box.address.empty());
  CHECK(box.place() == kCommand);
  CHECK(must(world.containers.at("")).empty());
  CHECK(must(world.containers.at(kCommand)).empty());
}

TEST_CASE("a command on one backend is one machine: its accounts have one host key") {
  CommandedWorld world;
  CHECK(refused(world.containers.add(world.described("bob", "his", "be1", "alice"))) ==
        std::string("alice by `") + kCommand + "` on backend be1 is container alice/box already");
  const auto his = world.added("bob", "his", "be1");
  const auto elsewhere = world.added("bob", "other", "be2");
  must(world.host_keys.pin(HostKeyOwner::of_container(world.box), blob("key"), world.kNow));
  CHECK(host_key_of(world.host_keys, HostKeyOwner::of_container(his)));
  CHECK_FALSE(host_key_of(world.host_keys, HostKeyOwner::of_container(elsewhere)));
}

TEST_CASE("who gets another command, or an address, has moved: what was pinned goes along, what was learned does not") {
  CommandedWorld world;
  const auto owner = HostKeyOwner::of_container(world.box);
  must(world.host_keys.learn(owner, blob("learned"), world.kNow));
  auto box = world.known(world.box);
  box.command = "docker exec -i box /usr/sbin/sshd -i";
  must(world.containers.update(box));
  CHECK_FALSE(host_key_of(world.host_keys, owner));
  must(world.host_keys.pin(owner, blob("pinned"), world.kNow));
  box.command.clear();
  box.address = "10.0.3.100";
  box.port = 2200;
  must(world.containers.update(box));
  CHECK(host_key_of(world.host_keys, owner));
  CHECK(world.known(world.box).place() == "10.0.3.100:2200");
  CHECK(must(world.containers.at("10.0.3.100")).size() == 1);
}

TEST_CASE("a command has no port, and an address is not missing") {
  CommandedWorld world;
  auto box = world.described("alice", "odd", "be2");
  box.port = 2200;
  CHECK(refused(world.containers.add(box)).find("CHECK") != std::string::npos);
}

}  // namespace bastion::store
