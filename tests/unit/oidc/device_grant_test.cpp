#include "bastion/oidc/device_grant.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

#include "bastion/oidc/json.h"
#include "tests/support/token_maker.h"

namespace bastion::oidc {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kGrantNow = 1'800'000'000;

// An issuer that has one key, and says to the token endpoint what it is told.
struct FakeIssuer final : Http {
  test::TokenKey key{test::TokenKey::Kind::p256};
  Json document{{"issuer", "https://i"},
                {"device_authorization_endpoint", "https://i/device"},
                {"token_endpoint", "https://i/token"},
                {"jwks_uri", "https://i/keys"}};
  Json device{{"device_code", "d-1"}, {"user_code", "ABCD"}, {"verification_uri", "https://i/a"}, {"expires_in", 20}};
  std::deque<Result<HttpAnswer>> polls;
  std::vector<std::string> asked;
  std::optional<Login> login;
  bool is_away = false;

  [[nodiscard]] std::string token(const std::string& client = "bastion") const {
    const Json claims{{"iss", "https://i"},    {"aud", client},    {"sub", "1"},
                      {"exp", kGrantNow + 60}, {"iat", kGrantNow}, {"name", "alice"}};
    return Json{{"id_token", key.sign(R"({"alg":"ES256"})", claims.dump())}}.dump();
  }
  Result<HttpAnswer> get(const std::string& address) override {
    asked.push_back("GET " + address);
    if (is_away) return fail("Connection refused");
    if (address == "https://i/.well-known/openid-configuration")
      return HttpAnswer{.status = 200, .body = document.dump()};
    if (address == "https://i/keys") return HttpAnswer{.status = 200, .body = test::key_set({key.as_jwk()})};
    return HttpAnswer{.status = 404, .body = ""};
  }
  Result<HttpAnswer> post(const std::string& address, const Form& form, const std::optional<Login>& by) override {
    asked.push_back("POST " + address + " " + form.back().first);
    login = by;
    if (address == "https://i/device") return HttpAnswer{.status = 200, .body = device.dump()};
    auto answer = std::move(polls.front());
    polls.pop_front();
    return answer;
  }
  void say(long status, const std::string& body) { polls.emplace_back(HttpAnswer{.status = status, .body = body}); }
  void wait_for(const char* error) { say(400, Json{{"error", error}}.dump()); }
};

struct FakeAsker final : Asker {
  std::vector<Shown> shown;
  std::vector<long> heard;
  std::vector<long> waited;
  Heard first = Heard::nothing;
  bool leaves_later = false;

  void show(const Shown& one) override { shown.push_back(one); }
  Heard hears_within(seconds time) override {
    heard.push_back(time.count());
    return first;
  }
  bool waits(seconds time) override {
    waited.push_back(time.count());
    return !leaves_later;
  }
};

struct GrantWorld {
  FakeIssuer issuer;
  FakeAsker asker;
  Provider provider{
      .issuer = "https://i", .client_id = "bastion", .client_secret = "s", .scopes = "openid", .name_claim = "name"};

  std::string outcome() {
    const auto person = sign_on(provider, issuer, asker, [] { return kGrantNow; });
    return person ? "is " + person->name : person.error().text;
  }
};

}  // namespace

TEST_CASE("device grant: asks twice, shows what is needed, polls whoever says nothing, and verifies") {
  GrantWorld world;
  SUBCASE("or has done it at once") { world.asker.first = Asker::Heard::done; }
  world.issuer.wait_for("authorization_pending");
  world.issuer.wait_for("slow_down");
  world.issuer.say(200, world.issuer.token());
  CHECK(world.outcome() == "is alice");
  CHECK(world.asker.shown.at(0).code == "ABCD");
  CHECK(world.asker.heard == std::vector<long>{5});
  CHECK(world.asker.waited == std::vector<long>{5, 10});
  CHECK(world.issuer.asked ==
        std::vector<std::string>{"GET https://i/.well-known/openid-configuration", "POST https://i/device scope",
                                 "POST https://i/token device_code", "POST https://i/token device_code",
                                 "POST https://i/token device_code", "GET https://i/keys"});
  REQUIRE(world.issuer.login);
  CHECK(world.issuer.login->password == "s");
}

TEST_CASE("device grant: a public client says who it is in the form, and so does one whose secret belongs there") {
  GrantWorld world;
  world.provider.client_secret.clear();
  world.issuer.say(200, world.issuer.token());
  CHECK(world.outcome() == "is alice");
  CHECK_FALSE(world.issuer.login);
  CHECK(world.issuer.asked.at(1) == "POST https://i/device client_id");
  GrantWorld other;
  other.issuer.document["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
  other.issuer.say(200, other.issuer.token());
  CHECK(other.outcome() == "is alice");
  CHECK_FALSE(other.issuer.login);
  CHECK(other.issuer.asked.at(1) == "POST https://i/device client_secret");
}

TEST_CASE("device grant: whoever is gone costs the issuer no further request") {
  GrantWorld world;
  world.asker.first = Asker::Heard::gone;
  CHECK(world.outcome().contains("is gone"));
  CHECK(world.issuer.asked.size() == 2);
  GrantWorld later;
  later.asker.leaves_later = true;
  later.issuer.wait_for("authorization_pending");
  CHECK(later.outcome().contains("is gone"));
  CHECK(later.issuer.asked.size() == 3);
}

TEST_CASE("device grant: each failure names the issuer, and what is wrong") {
  const auto said = [](auto prepare) {
    GrantWorld world;
    prepare(world.issuer);
    return world.outcome();
  };
  CHECK(said([](auto& issuer) { issuer.is_away = true; }) ==
        "the issuer https://i cannot be reached: Connection refused");
  CHECK(said([](auto& issuer) { issuer.document["issuer"] = "https://j"; }).contains("of another issuer: https://j"));
  CHECK(said([](auto& issuer) { issuer.device.erase("user_code"); }).contains("has no user_code"));
  CHECK(said([](auto& issuer) {
          issuer.polls.emplace_back(HttpAnswer{.status = 200, .body = "", .is_whole = false});
        }) == "the issuer https://i: its answer is longer than any may be");
  CHECK(said([](auto& issuer) { issuer.wait_for("access_denied"); }) == "the issuer https://i: it was refused there");
  CHECK(said([](auto& issuer) { issuer.wait_for("expired_token"); }).contains("the code has expired"));
  CHECK(said([](auto& issuer) { issuer.say(200, issuer.token("other")); }).contains("for another client than bastion"));
  CHECK(said([](auto& issuer) {
          const test::TokenKey other(test::TokenKey::Kind::p256);
          issuer.say(200, Json{{"id_token", other.sign(R"({"alg":"ES256"})", "{}")}}.dump());
        }) == "the issuer https://i: its token is not signed by a key of its set");
}

TEST_CASE("device grant: polling ends when the code does, or the issuer is away for long") {
  GrantWorld world;
  for (int i = 0; i < 10; ++i) world.issuer.wait_for("authorization_pending");
  CHECK(world.outcome().contains("the code has expired"));
  CHECK(world.issuer.polls.size() == 6);
  CHECK(world.asker.waited.size() == 3);
  GrantWorld soon;
  soon.issuer.device["expires_in"] = 3;
  soon.issuer.wait_for("authorization_pending");
  CHECK(soon.outcome().contains("the code has expired"));
  CHECK(soon.asker.heard == std::vector<long>{3});
  GrantWorld away;
  away.issuer.device["expires_in"] = 600;
  for (int i = 0; i < 4; ++i) away.issuer.polls.emplace_back(fail("timed out"));
  away.issuer.say(200, away.issuer.token());
  CHECK(away.outcome() == "is alice");
  GrantWorld gone;
  gone.issuer.device["expires_in"] = 600;
  for (int i = 0; i < 9; ++i) gone.issuer.polls.emplace_back(fail("timed out"));
  CHECK(gone.outcome() == "the issuer https://i cannot be reached: timed out");
  CHECK(gone.issuer.polls.size() == 4);
}

}  // namespace bastion::oidc
