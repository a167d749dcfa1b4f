#include "bastion/server/sign_on_limiter.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::server {
namespace {

using Time = SignOnLimiter::Time;

}  // namespace

TEST_CASE("sign-ons: one source begins so many within a minute, and one more is told so") {
  SignOnLimiter limiter;
  for (std::size_t i = 0; i < SignOnLimiter::kMostOfSource; ++i) CHECK(limiter.begin("10.0.0.1", Time{i}));
  const auto refused = limiter.begin("10.0.0.1", Time{100});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "your address has begun to sign on 6 times within a minute; try again in a moment");
  CHECK(limiter.begin("10.0.0.2", Time{100}));
  CHECK(limiter.begin("10.0.0.1", Time{60'000}));
  CHECK(limiter.begin("10.0.0.1", Time{60'001}));
}

TEST_CASE("sign-ons: all strangers together begin so many, and whoever has shown a key does not wait for them") {
  SignOnLimiter limiter;
  for (std::size_t i = 0; i < SignOnLimiter::kMostOfSources; ++i) {
    CHECK(limiter.begin("10.0.0." + std::to_string(i), Time{0}));
  }
  CHECK(limiter.begin("10.0.1.1", Time{0}).error().text.starts_with("too many begin to sign on"));
  for (std::size_t i = 0; i < SignOnLimiter::kMostOfAccount; ++i) CHECK(limiter.begin_with_key("alice", Time{0}));
  CHECK(limiter.begin_with_key("alice", Time{0}).error().text.starts_with("your account has begun"));
  CHECK(limiter.begin_with_key("bob", Time{0}));
  for (int i = 0; i < 113; ++i) CHECK(limiter.begin_with_key("user" + std::to_string(i), Time{0}));
  CHECK(limiter.begin_with_key("late", Time{0}).error().text.starts_with("too many users sign on"));
}

}  // namespace bastion::server
