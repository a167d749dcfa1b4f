#include "bastion/signer/claim.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/support/signed_data.h"

namespace bastion::signer {
namespace {

using test::LoginData;

std::string_view kind_of(Bytes data) {
  const auto claim = parse_claim(data);
  if (!claim) return "none";
  if (std::holds_alternative<ExchangeHash>(*claim)) return "exchange hash";
  return std::holds_alternative<HostKeyProof>(*claim) ? "proof" : "login";
}

TEST_CASE("what is to be signed is known by its form, and what has none of the three is nothing") {
  struct Case {
    const char* what;
    ByteVector data;
    std::string_view kind;
  };
  const ByteVector id(32, 'i');
  const std::vector<Case> cases{
      {"a hash of SHA-256", ByteVector(32, 'h'), "exchange hash"},
      {"a hash of SHA-384", ByteVector(48, 'h'), "exchange hash"},
      {"a hash of SHA-512", ByteVector(64, 'h'), "exchange hash"},
      {"nothing", {}, "none"},
      {"a hash of SHA-1, which no key exchange of ours makes", ByteVector(20, 'h'), "none"},
      {"a byte more than a hash", ByteVector(33, 'h'), "none"},
      {"a text of one's own", ByteVector(200, 'x'), "none"},
      {"what ssh-keygen -Y sign signs", {'S', 'S', 'H', 'S', 'I', 'G', 0, 0, 0, 4, 'f', 'i', 'l', 'e'}, "none"},
      {"a proof of a host key", test::proof_data(id, ByteVector(51, 'k')), "proof"},
      {"one for no session", test::proof_data(ByteVector(5, 'i'), ByteVector(51, 'k')), "none"},
      {"a login", LoginData{}.bytes(), "login"},
      {"one that names its host", LoginData{.method = std::string(test::kHostBound)}.bytes(), "login"},
      {"one for no session", LoginData{.session_id = {}}.bytes(), "none"},
      {"another message", LoginData{.number = 51}.bytes(), "none"},
      {"another service", LoginData{.service = "ssh-userauth"}.bytes(), "none"},
      {"another method", LoginData{.method = "hostbased"}.bytes(), "none"},
      {"the question without a signature", LoginData{.is_signed = 0}.bytes(), "none"},
      {"another truth", LoginData{.is_signed = 2}.bytes(), "none"},
      {"something behind it", LoginData{.behind = "x"}.bytes(), "none"}};
  for (const auto& one : cases) {
    CAPTURE(one.what);
    CHECK(kind_of(one.data) == one.kind);
  }
}

TEST_CASE("a login that is cut anywhere is none") {
  for (const auto method : {std::string_view("publickey"), test::kHostBound}) {
    const auto whole =
        LoginData{.method = std::string(method), .key = ByteVector(51, 'k'), .host_key = ByteVector(51, 'h')}.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(kind_of(Bytes(whole).first(size)) != "login");
    }
  }
}

TEST_CASE("a login says who, with which key, and where") {
  const LoginData data{.account = "alice",
                       .method = std::string(test::kHostBound),
                       .algorithm = "rsa-sha2-512",
                       .key = ByteVector(7, 'k'),
                       .host_key = ByteVector(9, 'h')};
  const auto bytes = data.bytes();
  const auto claim = parse_claim(bytes);
  REQUIRE(claim);
  const auto& login = std::get<Login>(*claim);
  CHECK(login.account == "alice");
  CHECK(login.algorithm == "rsa-sha2-512");
  CHECK(login.is_host_bound);
  CHECK(std::ranges::equal(login.session_id, data.session_id));
  CHECK(std::ranges::equal(login.key, data.key));
  CHECK(std::ranges::equal(login.host_key, data.host_key));
}

}  // namespace
}  // namespace bastion::signer
