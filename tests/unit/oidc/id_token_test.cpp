#include "bastion/oidc/id_token.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "bastion/oidc/json.h"

namespace bastion::oidc {
namespace {

constexpr std::int64_t kTokenMade = 1'800'000'000;

Provider provider(std::string name_claim = "preferred_username") {
  return {.issuer = "https://login.example.org",
          .client_id = "bastion",
          .scopes = "openid",
          .name_claim = std::move(name_claim),
          .groups_claim = "groups"};
}

Json claims() {
  return {{"iss", "https://login.example.org"},
          {"aud", "bastion"},
          {"sub", "s-1"},
          {"exp", kTokenMade + 300},
          {"iat", kTokenMade},
          {"preferred_username", "alice"}};
}

std::string said_of(const Json& claims, std::int64_t now = kTokenMade + 5, const Provider& of = provider()) {
  const auto person = signed_on(claims.dump(), of, now);
  return person ? "is " + person->name : person.error().text;
}

}  // namespace

TEST_CASE("id token: who it names") {
  auto all = claims();
  all["groups"] = {"dev", 7, "ops", nullptr};
  const auto person = signed_on(all.dump(), provider(), kTokenMade);
  REQUIRE(person);
  CHECK(*person == SignedOn{.subject = "s-1", .name = "alice", .groups = {"dev", "ops"}});
  all["groups"] = "dev";
  CHECK(signed_on(all.dump(), provider(), kTokenMade)->groups == std::vector<std::string>{"dev"});
  all["groups"] = {{"a", "b"}};
  CHECK(signed_on(all.dump(), provider(), kTokenMade)->groups.empty());
}

TEST_CASE("id token: each claim that is missing or another one is refused, and why") {
  struct Row {
    const char* claim;
    Json value;
    const char* why;
  };
  const std::vector<Row> rows{
      {"iss", "https://login.example.org/", "of another issuer"},
      {"iss", nullptr, "of another issuer"},
      {"aud", "other", "for another client than bastion (aud)"},
      {"aud", Json::array({"other"}), "(aud)"},
      {"aud", Json::array(), "(aud)"},
      {"aud", Json::array({"bastion", "other"}), "given to another client than bastion (azp)"},
      {"azp", "other", "(azp)"},
      {"sub", "", "names nobody (sub)"},
      {"sub", 7, "names nobody (sub)"},
      {"exp", "tomorrow", "until when it counts"},
      {"exp", kTokenMade - 100, "has expired"},
      {"exp", 1e300, "until when it counts"},
      {"iat", nullptr, "until when it counts"},
      {"iat", kTokenMade + 1000, "a time to come"},
      {"iat", kTokenMade - 1000, "made long ago"},
      {"nbf", kTokenMade + 1000, "a time to come"},
      {"preferred_username", "", "has no preferred_username"},
      {"preferred_username", Json::array({"alice"}), "has no preferred_username"},
  };
  for (const auto& row : rows) {
    auto spoiled = claims();
    spoiled[row.claim] = row.value;
    CAPTURE(row.claim);
    CAPTURE(row.value.dump());
    CHECK_MESSAGE(said_of(spoiled).contains(row.why), said_of(spoiled));
  }
  for (const auto* const claim : {"iss", "aud", "sub", "exp", "iat", "preferred_username"}) {
    auto without = claims();
    without.erase(claim);
    CAPTURE(claim);
    CHECK(said_of(without).starts_with("its token"));
  }
  auto both = claims();
  both["aud"] = {"other", "bastion"};
  both["azp"] = "bastion";
  CHECK(said_of(both) == "is alice");
}

TEST_CASE("id token: clocks differ by a minute, and no more") {
  CHECK(said_of(claims(), kTokenMade - 60) == "is alice");
  CHECK(said_of(claims(), kTokenMade - 61).contains("a time to come"));
  CHECK(said_of(claims(), kTokenMade + 359) == "is alice");
  CHECK(said_of(claims(), kTokenMade + 360).contains("has expired"));
}

TEST_CASE("id token: an e-mail address counts that the issuer has verified") {
  auto mail = claims();
  mail["email"] = "alice@corp.example";
  CHECK(said_of(mail, kTokenMade, provider("email")).contains("(email_verified)"));
  mail["email_verified"] = "true";
  CHECK(said_of(mail, kTokenMade, provider("email")).contains("(email_verified)"));
  mail["email_verified"] = true;
  CHECK(said_of(mail, kTokenMade, provider("email")) == "is alice@corp.example");
}

TEST_CASE("id token: what is no object is none") {
  for (const auto* const text : {"", "[]", "7", "{", "\"\"", "nul"})
    CHECK_FALSE(signed_on(text, provider(), kTokenMade));
  CHECK_FALSE(signed_on(std::string(100'000, '['), provider(), kTokenMade));
  CHECK_FALSE(signed_on("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}", provider(), kTokenMade));
}

}  // namespace bastion::oidc
