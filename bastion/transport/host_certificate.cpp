#include "bastion/transport/host_certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/certificate_format.h"

namespace bastion::transport {
namespace {

constexpr std::uint32_t kHost = 2;  // SSH_CERT_TYPE_HOST

// No host has its key on one.
bool is_on_a_security_key(const PublicKey& key) { return key.type.starts_with("sk-"); }

}  // namespace

bool is_certificate(Bytes blob) { return WireReader(blob).text().ends_with(kCertificateSuffix); }

Result<PublicKey> key_in_certificate(Bytes blob) {
  auto key = read_certified_key(blob);
  if (key && is_on_a_security_key(*key)) return fail("it is for a key of no type that is accepted");
  return key;
}

Result<HostCertificate> parse_host_certificate(Bytes blob) {
  auto read = read_certificate(blob);
  if (!read) return std::unexpected(std::move(read.error()));
  if (is_on_a_security_key(read->key)) return fail("it is for a key of no type that is accepted");
  if (read->kind != kHost) return fail("it is no certificate of a host");
  if (!read->critical_options.empty()) return fail("it has a critical option, and there is none for hosts");
  if (auto why = objection_to_signature(*read)) return std::unexpected(*std::move(why));
  return HostCertificate{.key = std::move(read->key),
                         .serial = read->serial,
                         .key_id = std::move(read->key_id),
                         .principals = std::move(read->principals),
                         .valid_after = read->valid_after,
                         .valid_before = read->valid_before,
                         .ca = std::move(read->ca)};
}

std::optional<Error> objection(const HostCertificate& certificate, std::string_view name, std::int64_t now) {
  if (certificate.principals.empty()) return Error{"it names no host"};
  if (name.empty() || std::ranges::find(certificate.principals, name) == certificate.principals.end()) {
    return Error{fmt::format("it is for {}, and not for {}", shown_principals(certificate.principals), name)};
  }
  return objection_to_time(certificate.valid_after, certificate.valid_before, now);
}

}  // namespace bastion::transport
