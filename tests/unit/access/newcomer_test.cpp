// Who has no account, and comes with a certificate of a CA that makes one.
#include <doctest/doctest.h>

#include <string>

#include "bastion/access/certificate.h"
#include "bastion/access/readmission.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;

struct NewcomerWorld : test::SmallWorld {
  transport::UserCertificate certificate = imagined_certificate("nora");
  Defaults defaults;

  NewcomerWorld() {
    certificate.ca.blob = test::blob("CA");
    certificate.key.blob = test::blob("key");
    certificate.serial = 7;
    trust("create");
  }
  void trust(const std::string& principals) {
    must(cas.put({.name = "corp", .blob = test::blob("CA"), .principals = principals}));
  }
  bool is_welcome(const std::string& name = "nora") {
    const auto found = must(newcomer_in({users, keys, cas, revocations, second_factors, passwords, sign_ons}, name,
                                        certificate, {"10.0.0.1", kNow}, defaults));
    if (found) CHECK(found->role == store::Role::user);
    return found && found->name == name;
  }
};

}  // namespace

TEST_CASE("newcomers: a CA that is trusted with it gives an account to whom its certificate names") {
  NewcomerWorld world;
  CHECK(world.is_welcome());
  CHECK_FALSE(world.is_welcome("root"));
  CHECK_FALSE(world.is_welcome("9 nora"));
  SUBCASE("but not to who has one") { world.user("nora"); }
  SUBCASE("but not where the CA makes none") { world.trust("user"); }
  SUBCASE("but not by a pattern") { world.trust("nor*=nora"); }
  SUBCASE("but not by another CA") { world.certificate.ca.blob = test::blob("other"); }
  SUBCASE("but not where the CA is for others") {
    must(world.cas.put({.name = "corp", .blob = test::blob("CA"), .principals = "create", .roles = "operator,admin"}));
  }
  SUBCASE("but not when it is over") { world.certificate.valid_before = 1; }
  SUBCASE("but not when it was revoked") {
    must(world.revocations.add({.kind = store::Revocation::Kind::serial,
                                .ca = test::blob("CA"),
                                .value = must(store::parse_serials("7")),
                                .added_at = 1}));
  }
  SUBCASE("but not from elsewhere") { world.certificate.source_address = "192.0.2.0/24"; }
  SUBCASE("but not where more is needed than a certificate") {
    world.defaults.needs = must(parse_requirement("certificate+totp"));
  }
  CHECK_FALSE(world.is_welcome());
}

}  // namespace bastion::access
