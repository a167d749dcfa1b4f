#include "bastion/oidc/signature.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/support/token_maker.h"

namespace bastion::oidc {
namespace {

using test::key_set;
using test::TokenKey;
using Kind = TokenKey::Kind;

constexpr auto* kPayload = R"({"sub":"alice"})";

std::string why(const std::string& token, const std::string& keys) {
  const auto read = verified_payload(token, keys);
  return read ? "right: " + *read : read.error().text;
}

}  // namespace

TEST_CASE("signature: each algorithm that is accepted, by a key of its type") {
  struct Row {
    const char* algorithm;
    Kind kind;
  };
  constexpr std::array kRows{Row{"RS256", Kind::rsa},  Row{"RS512", Kind::rsa},  Row{"PS256", Kind::rsa},
                             Row{"ES256", Kind::p256}, Row{"ES512", Kind::p521}, Row{"EdDSA", Kind::ed25519}};
  for (const auto& row : kRows) {
    CAPTURE(row.algorithm);
    const TokenKey key(row.kind);
    const TokenKey other(row.kind);
    const auto token = key.sign(R"({"alg":")" + std::string(row.algorithm) + R"("})", kPayload);
    CHECK(why(token, key_set({key.as_jwk()})) == R"(right: {"sub":"alice"})");
    CHECK(why(token, key_set({other.as_jwk(), key.as_jwk()})) == R"(right: {"sub":"alice"})");
    CHECK(why(token, key_set({other.as_jwk()})) == "its token is not signed by a key of its set");
    CHECK(why(token, key_set({})) == "its token is not signed by a key of its set");
    // One letter of it is another one.
    for (const auto at : {std::size_t{0}, token.find('.') + 3, token.rfind('.') + 10}) {
      auto spoiled = token;
      spoiled[at] = spoiled[at] == 'A' ? 'B' : 'A';
      CHECK_FALSE(why(spoiled, key_set({key.as_jwk()})).starts_with("right"));
    }
  }
}

TEST_CASE("signature: what a key says of itself has to fit") {
  const TokenKey key(Kind::rsa);
  const auto token = key.sign(R"({"alg":"RS256","kid":"one"})", kPayload);
  const auto with = [&](const char* more) { return why(token, key_set({key.as_jwk(more)})).starts_with("right"); };
  CHECK(with(R"("kid":"one",)"));
  CHECK(with(R"("kid":"one","use":"sig","alg":"RS256",)"));
  CHECK_FALSE(with(R"("kid":"two",)"));
  CHECK_FALSE(with(""));
  CHECK_FALSE(with(R"("kid":"one","use":"enc",)"));
  CHECK_FALSE(with(R"("kid":"one","alg":"PS256",)"));
  // What else stands in it is not looked at.
  CHECK(with(R"("kid":"one","d":"A","p":"A","q":7,"x":"A",)"));
}

TEST_CASE("signature: a key whose numbers are none signs nothing") {
  struct Row {
    const char* algorithm;
    const char* members;
  };
  constexpr std::array kRows{Row{"RS256", R"("kty":"RSA","e":"AQAB","n":"@")"},
                             Row{"RS256", R"("kty":"RSA","n":"AQAB","e":"@")"},
                             Row{"ES256", R"("kty":"EC","crv":"P-256","x":"@","y":"AQAB")"},
                             Row{"ES256", R"("kty":"EC","crv":"P-256","y":"@","x":"AQAB")"},
                             Row{"EdDSA", R"("kty":"OKP","crv":"Ed25519","x":"@")"}};
  for (const auto& row : kRows) {
    for (const auto* const number : {"", "A", "AAAAA", "A===", "YQ==", "+/", " ", "AQAB"}) {
      CAPTURE(row.members);
      CAPTURE(number);
      std::string key = row.members;
      key.replace(key.find('@'), 1, number);
      const auto header = R"({"alg":")" + std::string(row.algorithm) + R"("})";
      const auto token = test::base64url(bytes_of(header)) + ".YQ.YQ";
      CHECK(why(token, key_set({"{" + key + "}"})) == "its token is not signed by a key of its set");
    }
  }
}

TEST_CASE("signature: no signature, a secret, a small key, and what is no token") {
  const TokenKey key(Kind::rsa);
  const auto keys = key_set({key.as_jwk()});
  const auto token = key.sign(R"({"alg":"RS256"})", kPayload);
  const auto body = token.substr(token.find('.'));
  const auto with_header = [&](const std::string& header) { return test::base64url(bytes_of(header)) + body; };
  constexpr auto* kNotAccepted = "its token is not signed by an algorithm that is accepted";
  CHECK(why(with_header(R"({"alg":"none"})"), keys) == kNotAccepted);
  CHECK(why(with_header(R"({"alg":"None"})"), keys) == kNotAccepted);
  CHECK(why(with_header(R"({"alg":"HS256"})"), keys) == kNotAccepted);
  CHECK(why(with_header(R"({"alg":7})"), keys) == kNotAccepted);
  CHECK(why(with_header(R"({})"), keys) == kNotAccepted);
  CHECK(why(with_header(R"({"alg":"RS256","crit":["b64"]})"), keys).contains("(crit)"));
  // A secret of the set, and the public key taken for one.
  const auto secret = key_set({R"({"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"});
  CHECK(why(with_header(R"({"alg":"HS256"})"), secret) == kNotAccepted);
  const TokenKey small(Kind::small_rsa);
  CHECK(why(small.sign(R"({"alg":"RS256"})", kPayload), key_set({small.as_jwk()})) ==
        "its token is not signed by a key of its set");
  const TokenKey curve(Kind::p521);
  CHECK(why(curve.sign(R"({"alg":"ES256"})", kPayload), key_set({curve.as_jwk()})).starts_with("its token"));
  for (const auto* const none : {"", ".", "..", "a.b", "a.b.c.d", "....", "YQ.YQ.YQ"}) {
    CAPTURE(none);
    CHECK_FALSE(why(none, keys).starts_with("right"));
  }
  // A letter is left over, or it is base64 of another kind, in any part.
  for (const auto* const part : {"A", "AAAAA", "A===", "AAAAA===", "YQ==", "+/", "Y Q", "Y\n"}) {
    CAPTURE(part);
    const std::string header = token.substr(0, token.find('.'));
    for (const auto& none : {part + body, header + "." + part + ".YQ", header + ".YQ." + part}) {
      CHECK_FALSE(why(none, keys).starts_with("right"));
    }
  }
  for (const auto* const none : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[7,null,{}]})"}) {
    CAPTURE(none);
    CHECK_FALSE(why(token, none).starts_with("right"));
  }
}

}  // namespace bastion::oidc
