#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "bastion/access/admission.h"
#include "bastion/access/lookup.h"
#include "bastion/access/readmission.h"
#include "bastion/base/clock.h"
#include "store/reader.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using std::chrono::seconds;
using test::must;
using test::SmallWorld;

constexpr auto* kIssuerOfTests = "https://i";

// Alice has a key, and needs a sign-on beside it.
struct SignOnWorld : SmallWorld {
  Defaults defaults{.needs = must(parse_requirement("publickey+oidc")),
                    .sign_ons = {.issuer = kIssuerOfTests, .remembered = seconds{100}, .session = seconds{50}}};
  Identity alice;

  SignOnWorld() {
    user("alice");
    key("alice", "A");
    alice = with_key();
  }
  Identity with_key() {
    return Identity{
        .user = id_of("alice"),
        .name = "alice",
        .credential = KeyCredential{.key = must(keys.of_user(id_of("alice"))).front().id, .fingerprint = "SHA256:A"},
        .needs = defaults.needs};
  }
  SignOnCredential signs_on(std::int64_t at, const std::string& key = "SHA256:A",
                            const std::string& issuer = kIssuerOfTests) {
    const auto id =
        must(sign_ons.note({.user = id_of("alice"), .key = key, .issuer = issuer, .subject = "s", .signed_at = at}));
    return {.sign_on = id, .signed_at = at};
  }
  std::string_view standing(const Identity& who, std::int64_t now) {
    const auto again = readmission({users, keys, cas, revocations, second_factors, passwords, sign_ons}, who,
                                   {"10.0.0.1", now}, defaults);
    return again ? "" : code_of(again.error().reason);
  }
};

}  // namespace

TEST_CASE("sign-on: a session stays while it is there, not too old, and of the issuer that counts") {
  SignOnWorld world;
  const auto now = SmallWorld::kNow;
  const auto sign_on = world.signs_on(now);
  const auto who = together(world.alice, sign_on, good_until(sign_on, world.defaults));
  CHECK(suffices(who));
  CHECK(who.until == now + 50);
  CHECK(world.standing(world.alice, now) == "more_is_needed");
  CHECK(world.standing(who, now + 49) == "");
  CHECK(world.standing(who, now + 50) == "sign_on_expired");
  world.defaults.sign_ons.session = seconds{0};
  CHECK(world.standing(who, now + 50'000) == "");
  world.defaults.sign_ons.issuer = "https://j";
  CHECK(world.standing(who, now) == "sign_on_forgotten");
  world.defaults.sign_ons.issuer = kIssuerOfTests;
  CHECK(must(world.sign_ons.forget(world.id_of("alice"))) == 1);
  CHECK(world.standing(who, now) == "sign_on_forgotten");
  // Another one is another one.
  world.signs_on(now);
  CHECK(world.standing(who, now) == "sign_on_forgotten");
}

TEST_CASE("sign-on: alone, it lets in as the account's options say") {
  SignOnWorld world;
  world.defaults.needs = must(parse_requirement("oidc"));
  const auto now = SmallWorld::kNow;
  const auto sign_on = world.signs_on(now, "");
  auto user = must(world.users.get("alice"));
  const auto who = admission(user, sign_on, {"10.0.0.1", now}, world.defaults);
  REQUIRE(who);
  CHECK(suffices(*who));
  CHECK(world.standing(*who, now) == "");
  CHECK(world.standing(*who, now + 50) == "sign_on_expired");
  user.options = "from=\"10.9.0.0/16\"";
  must(world.users.update(user));
  CHECK(world.standing(*who, now) == "source_refused");
  user.options = "verify-required";
  must(world.users.update(user));
  CHECK(world.standing(*who, now) == "more_is_needed");
  must(world.users.disable(user.id, now));
  CHECK(world.standing(*who, now) == "user_disabled");
}

TEST_CASE("sign-on: it is remembered for the key that it was together with, for a time") {
  SignOnWorld world;
  world.defaults.sign_ons.session = seconds{0};
  const auto reader = must(store::Reader::open(world.file));
  Lookup lookup(*reader, world.defaults);
  const auto now = unix_now();
  CHECK_FALSE(lookup.with_remembered_sign_on(world.alice));
  world.signs_on(now, "SHA256:B");
  CHECK_FALSE(lookup.with_remembered_sign_on(world.alice));
  world.signs_on(now - 200);
  CHECK_FALSE(lookup.with_remembered_sign_on(world.alice));
  world.signs_on(now, "SHA256:A", "https://j");
  CHECK_FALSE(lookup.with_remembered_sign_on(world.alice));
  world.signs_on(now);
  const auto remembered = lookup.with_remembered_sign_on(world.alice);
  REQUIRE(remembered);
  CHECK(suffices(*remembered));
  // Whoever needs none has none.
  auto other = world.alice;
  other.needs = must(parse_requirement("publickey"));
  CHECK_FALSE(lookup.with_remembered_sign_on(other));
  world.defaults.sign_ons.remembered = seconds{0};
  lookup.set(world.defaults);
  CHECK_FALSE(lookup.with_remembered_sign_on(world.alice));
}

TEST_CASE("sign-on: names are compared as the configuration says") {
  SignOnWorld world;
  const auto reader = must(store::Reader::open(world.file));
  Lookup lookup(*reader, world.defaults);
  CHECK(lookup.is_same_account("alice", "alice"));
  CHECK_FALSE(lookup.is_same_account("Alice", "alice"));
  CHECK_FALSE(lookup.is_same_account("alice ", "alice"));
  CHECK_FALSE(lookup.is_same_account("", ""));
  world.defaults.fold_names = true;
  lookup.set(world.defaults);
  CHECK(lookup.is_same_account("Alice", "alice"));
  CHECK_FALSE(lookup.is_same_account("Alice2", "alice"));
}

TEST_CASE("sign-on: of one user so many are kept") {
  SignOnWorld world;
  for (std::int64_t i = 0; i < store::SignOns::kMostPerUser + 3; ++i) world.signs_on(i, "SHA256:" + std::to_string(i));
  const auto kept = must(world.sign_ons.of_user(world.id_of("alice")));
  REQUIRE(kept.size() == static_cast<std::size_t>(store::SignOns::kMostPerUser));
  CHECK(kept.back().signed_at == 3);
}

}  // namespace bastion::access
