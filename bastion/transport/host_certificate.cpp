#include "bastion/transport/host_certificate.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/signing.h"

namespace bastion::transport {
namespace {

constexpr std::uint32_t kHost = 2;  // SSH_CERT_TYPE_HOST
constexpr std::uint64_t kForEver = ~std::uint64_t{0};
// What is shown of it.
constexpr std::size_t kMostShown = 4;
constexpr std::size_t kLongestName = 64;
constexpr std::uint64_t kLastYear = 253'402'300'799;  // 9999-12-31

// A certificate for each of these begins with its name and kCertificateSuffix, and has as many fields of its key.
struct Kind {
  std::string_view type;
  int fields;
};
constexpr std::array<Kind, 5> kKinds{{{"ssh-ed25519", 1},
                                      {"ecdsa-sha2-nistp256", 2},
                                      {"ecdsa-sha2-nistp384", 2},
                                      {"ecdsa-sha2-nistp521", 2},
                                      {"ssh-rsa", 2}}};

// Behind it stands the serial.
Result<PublicKey> key_at(WireReader& in) {
  auto type = in.text();
  if (!type.ends_with(kCertificateSuffix)) return fail("it is no certificate");
  type.remove_suffix(kCertificateSuffix.size());
  const auto kind = std::ranges::find(kKinds, type, &Kind::type);
  if (kind == kKinds.end()) return fail("it is for a key of no type that is accepted");
  in.string();  // the nonce
  WireWriter key;
  key.string(type);
  for (int i = 0; i < kind->fields; ++i) key.string(in.string());
  if (!in.ok()) return fail("it is malformed");
  PublicKey made{.type = std::string(type), .blob = key.take()};
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

std::optional<Error> objection_to_ca(const PublicKey& ca) {
  if (auto why = objection(ca)) return Error{"the key of its CA is not accepted: " + why->text};
  if (std::ranges::find(kKinds, std::string_view(ca.type), &Kind::type) != kKinds.end()) return std::nullopt;
  return Error{"its CA is on a security key, whose signatures are not verified"};
}

std::optional<Error> objection_to_signature(const PublicKey& ca, Bytes signature, Bytes data) {
  WireReader in(signature);
  const auto algorithm = in.text();
  in.string();
  if (!in.at_end()) return Error{"its signature is malformed"};
  if (!signs_by(ca, algorithm)) {
    return Error{
        fmt::format("it is signed with {}, which is not accepted", printable_on_one_line(algorithm, kLongestName))};
  }
  if (!is_signed_by(ca.blob, signature, data)) return Error{"its signature is wrong"};
  return std::nullopt;
}

std::string at(std::uint64_t time) {
  if (time > kLastYear) return "far from now";
  return fmt::format("at {:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(time)));
}

std::string shown(const std::vector<std::string>& names) {
  std::vector<std::string> first;
  for (const auto& name : names) {
    if (first.size() == kMostShown) break;
    first.push_back(printable_on_one_line(name, kLongestName));
  }
  return fmt::format("{}{}", fmt::join(first, ", "), names.size() > kMostShown ? ", …" : "");
}

}  // namespace

bool is_certificate(Bytes blob) { return WireReader(blob).text().ends_with(kCertificateSuffix); }

Result<PublicKey> key_in_certificate(Bytes blob) {
  if (blob.size() > kLargestCertificate) return fail("it is too large");
  WireReader in(blob);
  return key_at(in);
}

Result<HostCertificate> parse_host_certificate(Bytes blob) {
  if (blob.size() > kLargestCertificate) return fail("it is too large");
  WireReader in(blob);
  auto key = key_at(in);
  if (!key) return std::unexpected(std::move(key.error()));
  HostCertificate certificate{.key = *std::move(key), .ca = {}};
  certificate.serial = in.u64();
  const auto kind = in.u32();
  certificate.key_id = in.text();
  WireReader principals(in.string());
  certificate.valid_after = in.u64();
  certificate.valid_before = in.u64();
  const auto critical_options = in.string();
  const auto extensions = in.string();
  in.string();  // reserved
  const auto ca = in.string();
  if (!in.ok()) return fail("it is malformed");
  const auto is_signed = blob.first(blob.size() - in.rest().size());
  WireReader behind(blob.subspan(is_signed.size()));
  const auto signature = behind.string();
  while (principals.ok() && !principals.at_end() && certificate.principals.size() < kMostPrincipals) {
    certificate.principals.emplace_back(principals.text());
  }
  if (!behind.at_end() || !principals.at_end() || !are_well_made(extensions)) return fail("it is malformed");
  if (kind != kHost) return fail("it is no certificate of a host");
  if (!critical_options.empty()) return fail("it has a critical option, and there is none for hosts");
  certificate.ca = public_key_from_blob(ca).value_or(PublicKey{});
  if (auto why = objection_to_ca(certificate.ca)) return std::unexpected(*std::move(why));
  if (auto why = objection_to_signature(certificate.ca, signature, is_signed)) return std::unexpected(*std::move(why));
  return certificate;
}

std::optional<Error> objection(const HostCertificate& certificate, std::string_view name, std::int64_t now) {
  if (certificate.principals.empty()) return Error{"it names no host"};
  if (name.empty() || std::ranges::find(certificate.principals, name) == certificate.principals.end()) {
    return Error{fmt::format("it is for {}, and not for {}", shown(certificate.principals), name)};
  }
  const auto time = static_cast<std::uint64_t>(std::max(now, std::int64_t{0}));
  if (time < certificate.valid_after) return Error{fmt::format("it begins {}", at(certificate.valid_after))};
  if (certificate.valid_before != kForEver && time >= certificate.valid_before) {
    return Error{fmt::format("it has expired {}", at(certificate.valid_before))};
  }
  return std::nullopt;
}

}  // namespace bastion::transport
