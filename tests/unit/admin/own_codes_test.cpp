// One-time codes that users get and give up themselves.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "store/second_factors.h"
#include "tests/support/own_world.h"
#include "tests/support/recorded_runtime.h"

namespace bastion::admin {

using test::must;
using test::OwnWorld;

namespace {

// RFC 6238 appendix B.
constexpr std::int64_t kThen = 1234567890;
constexpr const char* kRightThen = "005924";

struct CodesOfOneself : OwnWorld {
  test::RecordedRuntime runtime;

  CodesOfOneself() {
    context.sealing_key = [this] { return SealingKey::load_or_make(folder / "seal"); };
    context.runtime = &runtime;
    context.now = kThen;
  }
  // Codes that the test knows.
  void enroll() {
    const auto sealed = must(must(context.sealing_key()).seal(bytes_of("12345678901234567890"), "alice"));
    must(second_factors.enroll(who.user, sealed, {}, kThen - 1000));
  }
  store::Enrolment enrolled() { return *must(second_factors.of_user(who.user)); }
  bool is_enrolled() { return must(second_factors.of_user(who.user)).has_value(); }
};

}  // namespace

TEST_CASE("me totp: the first ones need no proof, and are shown once") {
  CodesOfOneself world;
  const auto shown = world.json("me totp enroll");
  CHECK(shown["recovery_codes"].size() == 10);
  CHECK(shown["uri"].get<std::string>().starts_with("otpauth://totp/bastion:alice"));
  CHECK(world.runtime.ended.empty());
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.action == "me totp enroll");
  CHECK(row.outcome == "done");
  CHECK(world.json("me show")["one_time_codes"] == "enrolled, 10 recovery codes left");
}

TEST_CASE("me totp: the next ones need one of those that are there, and her other sessions end") {
  CodesOfOneself world;
  world.enroll();
  const auto before = world.enrolled();
  CHECK(world.is_refused("me totp enroll").contains("show that they are yours"));
  CHECK(world.is_refused("me totp enroll --code 005925").contains("the code is wrong"));
  CHECK(world.enrolled().secret == before.secret);
  world.done(std::string("me totp enroll --code ") + kRightThen);
  CHECK(world.enrolled().id == before.id);
  CHECK(world.enrolled().secret != before.secret);
  CHECK(world.runtime.ended == std::vector<std::string>{"s2"});
  CHECK(world.runtime.told == "you have ended this session from another one");
}

TEST_CASE("me totp: a code is good once, here as at a login") {
  CodesOfOneself world;
  world.enroll();
  must(world.database.change_here([&] { return world.second_factors.use_here(world.enrolled().id, kThen / 30); }));
  CHECK(world.is_refused(std::string("me totp reset --code ") + kRightThen).contains("was used already"));
  CHECK(world.is_enrolled());
}

TEST_CASE("me totp: guesses are limited together with those at logins") {
  CodesOfOneself world;
  world.enroll();
  for (int i = 0; i < store::SecondFactors::kMostFailures; ++i) {
    CHECK(world.is_refused("me totp reset --code 000000").contains("the code is wrong"));
  }
  const auto right = std::string("me totp reset --code ") + kRightThen;
  CHECK(world.is_refused(right).contains("too many codes were wrong"));
  CHECK(must(world.second_factors.is_locked(world.enrolled().id, kThen)));
  CHECK(world.is_enrolled());
}

TEST_CASE("me totp: a recovery code is a proof, once") {
  CodesOfOneself world;
  const auto codes = world.json("me totp enroll")["recovery_codes"].get<std::vector<std::string>>();
  world.done("me totp enroll --code " + codes.front());
  CHECK(world.is_refused("me totp reset --code " + codes.front()).contains("the code is wrong"));
}

TEST_CASE("me totp: what she gives up is gone, but not where she could not log in any more") {
  CodesOfOneself world;
  world.enroll();
  const auto reset = std::string("me totp reset --code ") + kRightThen;
  world.as_admin("user set alice --auth publickey+totp");
  world.who = access::together(world.who, access::CodeCredential{.enrolment = world.enrolled().id});
  CHECK(world.is_refused(reset).contains("your account needs one-time codes to log in"));
  world.as_admin("user set alice --auth publickey");
  CHECK(world.done(reset).contains("you have no one-time codes any more"));
  CHECK_FALSE(world.is_enrolled());
}

TEST_CASE("me totp: no code is in the audit") {
  CodesOfOneself world;
  world.enroll();
  world.is_refused("me totp reset --code 246813");
  world.done(std::string("me totp reset --code ") + kRightThen);
  for (const auto& row : must(world.audit.latest(10))) {
    CHECK_FALSE(row.subject.contains("246813"));
    CHECK_FALSE(row.subject.contains(kRightThen));
  }
}

}  // namespace bastion::admin
