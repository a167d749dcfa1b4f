// The commands about one-time codes, and how a QR code is drawn.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bastion/auth/one_time_code.h"
#include "store/second_factors.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::must;

struct CodesOfUsers : AdminWorld {
  std::filesystem::path key_file = folder / "seal";

  CodesOfUsers() {
    furnished();
    context.sealing_key = [this] { return SealingKey::load_or_make(key_file); };
  }
  std::optional<store::Enrolment> enrolment() {
    return must(store::SecondFactors(database).of_user(must(users.get("alice")).id));
  }
};

}  // namespace

TEST_CASE("totp: what is shown once is what is stored sealed") {
  CodesOfUsers world;
  CHECK(world.done("totp list") == "nobody has one-time codes\n");
  CHECK(world.json("user show alice")["one_time_codes"] == "none");
  const auto shown = world.json("totp enroll alice --issuer corp");
  CHECK(must(world.audit.latest(1)).front().action == "totp enroll");
  CHECK(must(world.audit.latest(1)).front().subject == "alice");
  const auto enrolled = world.enrolment();
  REQUIRE(enrolled);
  const auto secret = must(must(SealingKey::load(world.key_file)).unseal(enrolled->secret, "alice"));
  CHECK(shown["secret"] == auth::base32(secret));
  CHECK(shown["uri"] == auth::uri_of(secret, "corp", "alice"));
  CHECK(shown["recovery_codes"].size() == 10);
  CHECK(world.refused("totp enroll alice").contains("`totp reset alice` takes them away"));
  CHECK(world.json("totp list")[0]["recovery_codes_left"] == 10);
  CHECK(world.json("totp show alice")["state"] == "never used");
  CHECK(world.json("user show alice")["one_time_codes"] == "enrolled");
  CHECK(world.done("totp reset alice").contains("sessions that were begun with them end"));
  CHECK(world.refused("totp reset alice") == "user alice has no one-time codes\n");
  CHECK(world.json("totp show alice")["state"] == "none");
}

TEST_CASE("totp: nothing is sealed that another bastion of the fleet cannot open") {
  CodesOfUsers world;
  world.done("totp enroll alice");
  world.key_file = world.folder / "another";
  CHECK(world.refused("totp enroll bob").contains("copy identity/seal"));
}

TEST_CASE("totp: a code that would not fit the terminal is not made") {
  CodesOfUsers world;
  world.context.format.columns = 79;
  CHECK(world.refused("totp enroll alice").contains("80 columns"));
  CHECK_FALSE(world.enrolment());
}

}  // namespace bastion::admin
