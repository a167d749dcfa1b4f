#include "bastion/oidc/answers.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "bastion/oidc/json.h"

namespace bastion::oidc {
namespace {

constexpr auto* kIssuerAsked = "https://login.example.org";

Json discovery() {
  return {{"issuer", kIssuerAsked},
          {"device_authorization_endpoint", "https://login.example.org/device"},
          {"token_endpoint", "https://login.example.org/token"},
          {"jwks_uri", "https://keys.example.org/jwks"}};
}

Json device() {
  return {{"device_code", "d-1"},
          {"user_code", "ABCD-EFGH"},
          {"verification_uri", "https://login.example.org/activate"},
          {"expires_in", 600}};
}

}  // namespace

TEST_CASE("answers: an address is https, and nothing else") {
  for (const auto* const good : {"https://a", "https://login.example.org:8443/realms/x", "https://[::1]:8443/"}) {
    CHECK_MESSAGE(is_issuer(good), good);
  }
  CHECK(is_https_address("https://a/b?c=d"));
  CHECK_FALSE(is_issuer("https://a/b?c=d"));
  for (const auto* const bad :
       {"", "https://", "http://a", "HTTPS://a", "https:///a", "https://a b", "https://a\x1b[1m", "https://me@a",
        "https://a#b", "file:///etc/passwd", "https://a\n", "https://\xc3\xa4"}) {
    CHECK_FALSE_MESSAGE(is_https_address(bad), bad);
  }
  CHECK_FALSE(is_https_address("https://" + std::string(600, 'a')));
}

TEST_CASE("answers: a discovery document is of the issuer that was asked, and has all that is needed") {
  const auto said_of = [](const Json& document) {
    const auto read = parse_metadata(document.dump(), kIssuerAsked);
    return read ? std::string("right") : read.error().text;
  };
  CHECK(said_of(discovery()) == "right");
  for (const auto* const name : {"device_authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    auto without = discovery();
    without.erase(name);
    CHECK(said_of(without) == "its discovery document has no " + std::string(name));
    without[name] = "http://login.example.org/plain";
    CHECK(said_of(without).contains("no https address"));
  }
  auto other = discovery();
  other["issuer"] = "https://login.example.org/";
  CHECK(said_of(other) == "its discovery document is of another issuer: https://login.example.org/");
  other.erase("issuer");
  CHECK(said_of(other).contains("of another issuer"));
  const auto in_body = [](const Json& methods) {
    auto document = discovery();
    document["token_endpoint_auth_methods_supported"] = methods;
    return parse_metadata(document.dump(), kIssuerAsked)->secret_in_body;
  };
  CHECK_FALSE(parse_metadata(discovery().dump(), kIssuerAsked)->secret_in_body);
  CHECK(in_body({"client_secret_post", "private_key_jwt"}));
  CHECK_FALSE(in_body({"client_secret_post", "client_secret_basic"}));
}

TEST_CASE("answers: what a user is shown can be shown") {
  const auto read = parse_device_authorization(device().dump());
  REQUIRE(read);
  CHECK(read->shown.code == "ABCD-EFGH");
  CHECK(read->interval == std::chrono::seconds{5});
  CHECK(read->shown.address_with_code.empty());
  auto more = device();
  more["verification_uri_complete"] = "javascript:alert(1)";
  more["interval"] = 1;
  more["expires_in"] = 1'000'000;
  CHECK(parse_device_authorization(more.dump())->shown.address_with_code.empty());
  CHECK(parse_device_authorization(more.dump())->interval == std::chrono::seconds{1});
  CHECK(parse_device_authorization(more.dump())->shown.good_for == std::chrono::seconds{1800});
  struct Row {
    const char* member;
    Json value;
  };
  for (const auto& row : {Row{"user_code", "\x1b[2J"}, Row{"user_code", ""}, Row{"user_code", std::string(65, 'A')},
                          Row{"verification_uri", "http://login.example.org/"}, Row{"device_code", 7},
                          Row{"expires_in", 0}, Row{"expires_in", "600"}}) {
    auto spoiled = device();
    spoiled[row.member] = row.value;
    CHECK_FALSE_MESSAGE(parse_device_authorization(spoiled.dump()), spoiled.dump());
  }
}

TEST_CASE("answers: what the token endpoint says") {
  using Kind = TokenAnswer::Kind;
  struct Row {
    long status;
    const char* text;
    Kind kind;
    const char* said;
  };
  constexpr std::array kRows{
      Row{400, R"({"error":"authorization_pending"})", Kind::pending, ""},
      Row{400, R"({"error":"slow_down"})", Kind::slow_down, ""},
      Row{400, R"({"error":"access_denied"})", Kind::over, "it was refused there"},
      Row{400, R"({"error":"expired_token"})", Kind::over, "the code has expired"},
      Row{401, R"({"error":"invalid_client","error_description":"no\u001b[1msuch"})", Kind::over,
          "invalid_client: no?[1msuch"},
      Row{500, "<html>", Kind::over, "HTTP status 500"},
      Row{200, R"({"id_token":"a.b.c"})", Kind::signed_on, "a.b.c"},
      Row{200, R"({"access_token":"x"})", Kind::over, "has no id_token"},
      Row{200, "", Kind::over, "not a JSON object"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    const auto answer = parse_token_answer(row.status, row.text);
    CHECK(answer.kind == row.kind);
    CHECK_MESSAGE(answer.text.contains(row.said), answer.text);
  }
}

}  // namespace bastion::oidc
