#include "store/invitations.h"

#include <doctest/doctest.h>

#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::must;

struct InvitedWorld : test::SmallWorld {
  std::int64_t alice = user("alice");
  std::int64_t bob = user("bob");

  void invite(std::int64_t whom, std::string_view hash, std::int64_t until = kNow + 100) {
    must(invitations.make({.user = whom, .made_by = "root", .made_at = kNow, .expires_at = until}, blob(hash)));
  }
  bool is_open(std::string_view hash, std::int64_t now = kNow) {
    return must(invitations.open(blob(hash), now)).has_value();
  }
};

}  // namespace

TEST_CASE("invitations: one for each user, until it is over") {
  InvitedWorld world;
  world.invite(world.alice, "one");
  world.invite(world.bob, "two");
  CHECK(must(world.invitations.open(blob("one"), world.kNow))->user_name == "alice");
  CHECK_FALSE(world.is_open("one", world.kNow + 100));
  CHECK_FALSE(world.is_open("three"));
  world.invite(world.alice, "three");
  CHECK_FALSE(world.is_open("one"));
  CHECK(world.is_open("three"));
  const auto all = must(world.invitations.all(world.kNow));
  REQUIRE(all.size() == 2);
  CHECK(all[0].user_name == "alice");
  CHECK(all[0].made_by == "root");
  CHECK(must(world.invitations.all(world.kNow + 100)).empty());
}

TEST_CASE("invitations: good once, and not when it was taken back") {
  InvitedWorld world;
  world.invite(world.alice, "one");
  const auto id = must(world.invitations.open(blob("one"), world.kNow))->id;
  CHECK(must(world.invitations.use(id)));
  CHECK_FALSE(must(world.invitations.use(id)));
  CHECK_FALSE(world.is_open("one"));
  world.invite(world.alice, "two");
  CHECK_FALSE(must(world.invitations.take_back(world.alice, world.kNow + 100)));
  CHECK(must(world.invitations.take_back(world.alice, world.kNow)));
  CHECK_FALSE(world.is_open("two"));
}

TEST_CASE("invitations: nobody gets a role, or another one, and keeps an invitation that was made before") {
  InvitedWorld world;
  for (const auto role : {Role::auditor, Role::operator_, Role::admin, Role::user}) {
    CAPTURE(text_of(role));
    world.invite(world.alice, "one");
    auto user = must(world.users.get("alice"));
    user.options = "restrict";
    must(world.users.update(user));
    CHECK(world.is_open("one"));
    user.role = role;
    must(world.users.update(user));
    CHECK_FALSE(world.is_open("one"));
  }
  world.invite(world.bob, "two");
  must(world.users.remove(world.bob));
  CHECK_FALSE(world.is_open("two"));
}

}  // namespace bastion::store
