#include "bastion/transport/certificate_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/base/sha256.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/host_certificate.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/signing.h"

namespace bastion::transport {
namespace {

constexpr std::uint64_t kForEver = ~std::uint64_t{0};
// What is shown of it.
constexpr std::size_t kMostShown = 4;
constexpr std::size_t kLongestName = 64;
constexpr std::uint64_t kLastYear = 253'402'300'799;  // 9999-12-31

// How a certificate for a type of key is called, and how many fields of the key are in it.
struct Kind {
  std::string_view type;
  std::string_view certificate;
  int fields;
};
constexpr std::array<Kind, 7> kKinds{{
    {"ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", 1},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", 2},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", 2},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", 2},
    {"ssh-rsa", "ssh-rsa-cert-v01@openssh.com", 2},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", 2},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3},
}};

// Behind it stands the serial.
Result<PublicKey> key_at(WireReader& in) {
  const auto type = in.text();
  if (!type.ends_with(kCertificateSuffix)) return fail("it is no certificate");
  const auto* const kind = std::ranges::find(kKinds, type, &Kind::certificate);
  if (kind == kKinds.end()) return fail("it is for a key of no type that is accepted");
  in.string();  // the nonce
  WireWriter key;
  key.string(kind->type);
  for (int i = 0; i < kind->fields; ++i) key.string(in.string());
  if (!in.ok()) return fail("it is malformed");
  PublicKey made{.type = std::string(kind->type), .blob = key.take()};
  if (auto why = objection(made)) return std::unexpected(*std::move(why));
  return made;
}

bool are_well_made(Bytes options) {
  WireReader in(options);
  while (in.ok() && !in.at_end()) {
    in.string();  // the name
    in.string();  // and the value
  }
  return in.ok();
}

// RFC 8332 section 3 for RSA; of all others the algorithm has the name of the key.
bool signs_by(const PublicKey& ca, std::string_view algorithm) {
  if (ca.type == "ssh-rsa") return algorithm == "rsa-sha2-512" || algorithm == "rsa-sha2-256";
  return algorithm == ca.type;
}

bool is_security_key(const PublicKey& key) { return key.type.starts_with("sk-"); }

// OpenSSH's PROTOCOL.u2f: what a security key says of a signature, which stands behind it. It is signed as well.
struct Token {
  static constexpr std::uint8_t kUserPresent = 0x01;
  std::uint8_t flags = kUserPresent;
  std::uint32_t counter = 0;
};

// What a security key signs in the place of the data.
ByteVector signed_by_token(const PublicKey& key, const Token& token, Bytes data) {
  WireReader in(key.blob);
  Bytes application;
  while (in.ok() && !in.at_end()) application = in.string();  // the last one
  WireWriter out;
  out.raw(sha256({application})).u8(token.flags).u32(token.counter).raw(sha256({data}));
  return out.take();
}

std::string at(std::uint64_t time) {
  if (time > kLastYear) return "far from now";
  return fmt::format("at {:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(time)));
}

}  // namespace

Result<PublicKey> read_certified_key(Bytes blob) {
  if (blob.size() > kLargestCertificate) return fail("it is too large");
  WireReader in(blob);
  return key_at(in);
}

Result<CertificateFields> read_certificate(Bytes blob) {
  if (blob.size() > kLargestCertificate) return fail("it is too large");
  WireReader in(blob);
  auto key = key_at(in);
  if (!key) return std::unexpected(std::move(key.error()));
  CertificateFields certificate{.key = *std::move(key)};
  certificate.serial = in.u64();
  certificate.kind = in.u32();
  certificate.key_id = in.text();
  WireReader principals(in.string());
  certificate.valid_after = in.u64();
  certificate.valid_before = in.u64();
  certificate.critical_options = in.string();
  certificate.extensions = in.string();
  in.string();  // reserved
  const auto ca = in.string();
  if (!in.ok()) return fail("it is malformed");
  certificate.is_signed = blob.first(blob.size() - in.rest().size());
  WireReader behind(blob.subspan(certificate.is_signed.size()));
  certificate.signature = behind.string();
  while (principals.ok() && !principals.at_end() && certificate.principals.size() < kMostPrincipals) {
    certificate.principals.emplace_back(principals.text());
  }
  if (!behind.at_end() || !principals.at_end()) return fail("it is malformed");
  if (!are_well_made(certificate.extensions)) return fail("it is malformed");
  certificate.ca = public_key_from_blob(ca).value_or(PublicKey{});
  return certificate;
}

std::optional<Error> objection_to_ca(const PublicKey& ca) {
  if (auto why = objection(ca)) return Error{"the key of its CA is not accepted: " + why->text};
  return std::nullopt;
}

std::optional<Error> objection_to_signature(const CertificateFields& certificate) {
  if (auto why = objection_to_ca(certificate.ca)) return why;
  WireReader in(certificate.signature);
  const auto algorithm = in.text();
  in.string();
  const bool by_token = is_security_key(certificate.ca);
  Token token;
  if (by_token) token = {.flags = in.u8(), .counter = in.u32()};
  if (!in.at_end()) return Error{"its signature is malformed"};
  if (!signs_by(certificate.ca, algorithm)) {
    return Error{
        fmt::format("it is signed with {}, which is not accepted", printable_on_one_line(algorithm, kLongestName))};
  }
  if ((token.flags & Token::kUserPresent) == 0) return Error{"the security key of its CA was not touched to sign it"};
  const auto data = by_token ? signed_by_token(certificate.ca, token, certificate.is_signed) : ByteVector{};
  const bool is_right =
      is_signed_by(certificate.ca.blob, certificate.signature, by_token ? Bytes(data) : certificate.is_signed);
  return is_right ? std::nullopt : std::optional(Error{"its signature is wrong"});
}

std::optional<Error> objection_to_time(std::uint64_t valid_after, std::uint64_t valid_before, std::int64_t now) {
  const auto time = static_cast<std::uint64_t>(std::max(now, std::int64_t{0}));
  if (time < valid_after) return Error{fmt::format("it begins {}", at(valid_after))};
  if (valid_before != kForEver && time >= valid_before)
    return Error{fmt::format("it has expired {}", at(valid_before))};
  return std::nullopt;
}

std::string shown_principals(const std::vector<std::string>& names) {
  std::vector<std::string> first;
  for (const auto& name : names) {
    if (first.size() == kMostShown) break;
    first.push_back(printable_on_one_line(name, kLongestName));
  }
  return fmt::format("{}{}", fmt::join(first, ", "), names.size() > kMostShown ? ", …" : "");
}

}  // namespace bastion::transport
