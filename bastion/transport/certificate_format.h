// What certificates of users and of hosts have in common (OpenSSH's PROTOCOL.certkeys). For the rest of this folder;
// what is read here is a stranger's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

namespace bastion::transport {

struct CertificateFields {
  PublicKey key;
  std::uint64_t serial = 0;
  std::uint32_t kind = 0;  // SSH_CERT_TYPE_USER or SSH_CERT_TYPE_HOST
  std::string key_id{};
  std::vector<std::string> principals{};
  std::uint64_t valid_after = 0;   // Unix seconds
  std::uint64_t valid_before = 0;  // the first second in which it is not; all ones: never
  PublicKey ca{};                  // empty where what stands there is no key
  // As they stand in the blob that was read, which outlives them.
  Bytes critical_options{};
  Bytes extensions{};
  Bytes is_signed{};  // by the CA
  Bytes signature{};
};

// Well made; nothing is computed with a key or a signature. The error is what is wrong, on one line.
[[nodiscard]] Result<CertificateFields> read_certificate(Bytes blob);
// The key in it alone.
[[nodiscard]] Result<PublicKey> read_certified_key(Bytes blob);

// Why its signature says nothing: the CA's key, the algorithm (SHA-1 is refused), or the signature itself.
[[nodiscard]] std::optional<Error> objection_to_ca(const PublicKey& ca);
[[nodiscard]] std::optional<Error> objection_to_signature(const CertificateFields& certificate);

// Why it is not valid at this time, in Unix seconds.
[[nodiscard]] std::optional<Error> objection_to_time(std::uint64_t valid_after, std::uint64_t valid_before,
                                                     std::int64_t now);

// Some of these names, for a sentence.
[[nodiscard]] std::string shown_principals(const std::vector<std::string>& names);

}  // namespace bastion::transport
