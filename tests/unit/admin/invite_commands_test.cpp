// The commands about invitations.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/access/invitation.h"
#include "store/groups.h"
#include "store/invitations.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::must;

std::optional<store::Invitation> invitation_by(AdminWorld& world, const std::string& login) {
  const auto word = access::invitation_in(access::parse_target(login));
  REQUIRE(word);
  return must(store::Invitations(world.database).open(access::hash_of_invitation(*word), world.context.now));
}

}  // namespace

TEST_CASE("invite: somebody new has an account, and a word that is kept as a hash") {
  AdminWorld world;
  world.furnished();
  CHECK(world.done("invite list") == "nobody is invited\n");
  const auto shown = world.json("invite nina --expires 2h");
  CHECK(shown["user"] == "nina");
  const auto there = invitation_by(world, shown["login"]);
  REQUIRE(there);
  CHECK(there->user_name == "nina");
  CHECK(there->expires_at == world.context.now + 7200);
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.action == "invite");
  CHECK(row.subject == "nina");
  CHECK(row.detail == "");
  CHECK(world.json("invite list")[0]["user"] == "nina");
  CHECK(world.json("user show nina")["keys"].empty());

  const auto second = world.json("invite nina");
  CHECK_FALSE(invitation_by(world, shown["login"]));
  CHECK(invitation_by(world, second["login"])->expires_at == world.context.now + 86'400);
  CHECK(world.done("invite revoke nina") == "the invitation of nina is good no more\n");
  CHECK(world.refused("invite revoke nina") == "user nina has no invitation\n");
  CHECK(world.refused("invite revoke nobody").starts_with("there is no user nobody"));
}

TEST_CASE("invite: people read what to type") {
  AdminWorld world;
  world.furnished();
  const auto page = world.done("invite nina");
  CHECK(page.contains("nina is invited until "));
  CHECK(page.contains("  ssh invite+"));
}

TEST_CASE("invite: groups and containers at once, or nothing at all") {
  AdminWorld world;
  world.furnished();
  world.done("group add ops");
  const auto refused = world.refused("invite nina --group ops --group nothing");
  CHECK(refused.starts_with("there is no group nothing"));
  CHECK(world.refused("user show nina").starts_with("there is no user nina"));
  world.done("invite nina --group ops --container alice/web");
  CHECK(world.json("user show nina")["groups"] == "ops");
  CHECK(world.json("user show nina")["containers"].size() == 1);
}

TEST_CASE("invite: who could not come in with a key all the same is not invited") {
  AdminWorld world;
  world.furnished();
  world.done("user disable alice");
  CHECK(world.refused("invite alice") == "user alice is disabled: `user enable alice`\n");
  world.done("user set bob --auth certificate");
  CHECK(world.refused("invite bob").starts_with("user bob needs certificate to log in"));
  world.done("user set bob --auth certificate|publickey+totp");
  world.done("invite bob");
  CHECK(world.refused("invite nina --expires 1970-01-01").contains("is past"));
  CHECK(world.misused("invite nina+x").contains("nina+x"));
}

}  // namespace bastion::admin
