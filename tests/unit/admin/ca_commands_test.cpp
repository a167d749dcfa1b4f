// The commands about CAs whose certificates let users in, and about what is revoked.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/transport/keys.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::must;

struct CaWorld : AdminWorld {
  CaWorld() { furnished(); }
  std::string fingerprint_of_corp() { return transport::fingerprint(must(cas.find("corp"))->blob); }
};

}  // namespace

TEST_CASE("CAs for users are added, listed and removed") {
  CaWorld world;
  CHECK(world.done("ca list") == "no CA is trusted for users\n");
  CHECK(world.done("ca add corp KEY") == "certificates of CA corp let users in; principals: user\n");
  CHECK(must(world.audit.latest(1)).front().action == "ca add");
  CHECK(must(world.audit.latest(1)).front().subject == "corp " + world.fingerprint_of_corp());
  CHECK(world.refused("ca add corp KEY2") == "CA corp exists already\n");
  CHECK(world.refused("ca add other KEY") == "that key is there already, as CA corp\n");
  world.done("ca add ops KEY2 --principals user --principals ops-*=alice");
  const auto rows = world.json("ca list");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["name"] == "corp");
  CHECK(rows[0]["fingerprint"] == world.fingerprint_of_corp());
  CHECK(rows[1]["principals"] == "user,ops-*=alice");
  for (const std::string wrong : {"alice", "ops-*=", "=alice", "ops=Alice!"}) {
    CAPTURE(wrong);
    CHECK(world.misused("ca add more KEY --principals " + wrong).contains("whom a principal lets in"));
  }
  CHECK(world.refused("ca remove corq") == "there is no CA corq: `ca list` shows them\n");
  CHECK(world.done("ca remove corp") == "certificates of CA corp let nobody in any more\n");
  CHECK(world.json("ca list").size() == 1);
}

TEST_CASE("CAs for users may be for accounts of some roles only") {
  CaWorld world;
  CHECK(world.done("ca add corp KEY --roles operator,user,user") ==
        "certificates of CA corp let users in; principals: user; roles: user,operator\n");
  world.done("ca add ops KEY2");
  const auto rows = world.json("ca list");
  CHECK(rows[0]["roles"] == "user,operator");
  CHECK(rows[1]["roles"] == "every");
  for (const std::string wrong : {"users", "user,", ",user", "user,,admin"}) {
    CAPTURE(wrong);
    CHECK(world.misused("ca add more KEY --roles " + wrong).contains("it is user, auditor, operator or admin"));
  }
  CHECK(world.misused("ca add more KEY --roles user --roles admin").contains("more than once"));
  // Who is made is a user.
  CHECK(world.refused("ca add more KEY --create --roles admin").contains("--create makes accounts with the role user"));
}

// One that would only let in somebody else is no way for an administrator.
TEST_CASE("the last administrator is not shut out by a CA that is for users") {
  for (const std::string roles : {"admin", "user"}) {
    CAPTURE(roles);
    CaWorld world;
    world.done("user add root --role admin --key KEY2");
    world.done("ca add corp KEY --roles " + roles);
    const auto fingerprint = world.json("key list root")[0]["fingerprint"].get<std::string>();
    const auto command = "key remove root " + fingerprint;
    if (roles == "admin") {
      world.done(command);
    } else {
      CHECK(world.refused(command).contains("no administrator could log in any more"));
    }
  }
}

TEST_CASE("keys and certificates are revoked, and no longer") {
  CaWorld world;
  world.done("ca add corp KEY");
  const auto fingerprint = world.fingerprint_of_corp();
  CHECK(world.done("revoke list") == "nothing is revoked\n");
  CHECK(world.done("revoke --ca corp --serial 07") == "certificate 7 of CA corp is revoked\n");
  CHECK(world.done("revoke --ca corp --serial 7") == "certificate 7 of CA corp was revoked already\n");
  CHECK(world.done("revoke --ca corp --key-id laptop") == "certificate \"laptop\" of CA corp is revoked\n");
  CHECK(world.done("revoke " + fingerprint.substr(7)) == "key " + fingerprint + " is revoked\n");
  // One that is not whole would revoke nothing.
  CHECK(world.refused("revoke SHA256:x").starts_with("SHA256:x is no fingerprint"));
  CHECK(world.refused("revoke " + fingerprint + "=").contains("is no fingerprint"));
  CHECK(world.refused("revoke --serial 7") == "say with --ca whose certificates they are\n");
  CHECK(world.refused("revoke --ca corp " + fingerprint).contains("leave --ca out"));
  for (const std::string wrong : {"x", "7x", "-1", "18446744073709551616"}) {
    CHECK(world.refused("revoke --ca corp --serial " + wrong).contains("is no serial number"));
  }
  world.done("ca remove corp");
  const auto rows = world.json("revoke list");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["what"] == "serial");
  CHECK(rows[0]["value"] == "7");
  CHECK(rows[0]["ca"] == fingerprint);
  CHECK(rows[2]["ca"].is_null());
  world.done("ca add corp KEY");
  CHECK(world.json("revoke list")[0]["ca"] == "corp");
  CHECK(world.done("revoke lift --ca corp --serial 7") == "certificate 7 of CA corp is not revoked any more\n");
  CHECK(world.refused("revoke lift --ca corp --serial 7") ==
        "certificate 7 of CA corp is not revoked: `revoke list` shows what is\n");
}

TEST_CASE("an administrator who could only log in with a certificate is still one who could") {
  CaWorld world;
  world.done("user add root --role admin --key KEY2");
  const std::string key = world.json("key list root")[0]["fingerprint"];
  const std::string no_key = "no administrator could log in any more\n";
  CHECK(world.refused("revoke " + key) == no_key);
  CHECK(world.refused("user set root --auth certificate") == no_key);
  world.done("ca add corp KEY --principals ops=alice");
  CHECK(world.refused("revoke " + key) == no_key);
  world.done("ca remove corp");
  world.done("ca add corp KEY --principals ops=root");
  world.done("revoke " + key);
  CHECK(world.refused("ca remove corp") == no_key);
  CHECK(world.refused("revoke " + world.fingerprint_of_corp()) == no_key);
  world.done("revoke lift " + key);
  world.done("revoke " + world.fingerprint_of_corp());
  CHECK(world.refused("user set root --auth certificate") == no_key);
}

}  // namespace bastion::admin
