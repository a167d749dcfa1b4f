#include "bastion/signer/claim.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/support/signed_data.h"

namespace bastion::signer {
namespace {

using test::CertificateData;
using test::LoginData;

std::string_view kind_of(Bytes data) {
  const auto claim = parse_claim(data);
  if (!claim) return "none";
  if (std::holds_alternative<ExchangeHash>(*claim)) return "exchange hash";
  if (std::holds_alternative<HostKeyProof>(*claim)) return "proof";
  return std::holds_alternative<Login>(*claim) ? "login" : "certificate";
}

TEST_CASE("what is to be signed is known by its form, and what has none of the four is nothing") {
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
      {"something behind it", LoginData{.behind = "x"}.bytes(), "none"},
      {"a certificate", CertificateData{}.bytes(), "certificate"},
      {"one that permits nothing", CertificateData{.extensions = {}}.bytes(), "certificate"},
      {"one of a host", CertificateData{.kind = 2}.bytes(), "none"},
      {"one for another type of key", CertificateData{.type = "ssh-rsa-cert-v01@openssh.com"}.bytes(), "none"},
      {"a key of another size", CertificateData{.key = ByteVector(33, 'k')}.bytes(), "none"},
      {"without a nonce", CertificateData{.nonce = {}}.bytes(), "none"},
      {"for every account", CertificateData{.principals = {}}.bytes(), "none"},
      {"for two accounts", CertificateData{.principals = {"hop", "root"}}.bytes(), "none"},
      {"for an account without a name", CertificateData{.principals = {""}}.bytes(), "none"},
      {"with a critical option", CertificateData{.critical_options = "force-command"}.bytes(), "none"},
      {"an extension with a value", CertificateData{.value = "x"}.bytes(), "none"},
      {"what is reserved", CertificateData{.reserved = "x"}.bytes(), "none"},
      {"a certificate and something behind it", CertificateData{.behind = "x"}.bytes(), "none"}};
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

TEST_CASE("a certificate that is cut anywhere is none, and one says for whom, until when and what it permits") {
  const CertificateData data{.valid_after = 5, .valid_before = std::uint64_t{1} << 40};
  const auto whole = data.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(kind_of(Bytes(whole).first(size)) != "certificate");
  }
  const auto claim = parse_claim(whole);
  REQUIRE(claim);
  const auto& certificate = std::get<Certificate>(*claim);
  CHECK(certificate.account == "hop");
  CHECK(certificate.key_id == "alice@bastion 1");
  CHECK(certificate.valid_after == 5);
  CHECK(certificate.valid_before == std::uint64_t{1} << 40);
  CHECK(certificate.extensions == std::vector<std::string_view>{"permit-port-forwarding"});
  CHECK(std::ranges::equal(certificate.ca, data.ca));
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
