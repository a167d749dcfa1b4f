// Host certificates as OpenSSH has them (PROTOCOL.certkeys), which a peer shows in the place of its host key. What is
// read here is a stranger's.
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

// Room for RSA keys of 8192 bits and a page of names; and two of them fit into a message of the signer.
inline constexpr std::size_t kLargestCertificate = std::size_t{6} * 1024;
// SSHKEY_CERT_MAX_PRINCIPALS of OpenSSH.
inline constexpr std::size_t kMostPrincipals = 256;

struct HostCertificate {
  PublicKey key;  // that of the host
  std::uint64_t serial = 0;
  std::string key_id{};
  std::vector<std::string> principals{};
  std::uint64_t valid_after = 0;   // Unix seconds
  std::uint64_t valid_before = 0;  // the first second in which it is not; all ones: never
  PublicKey ca;
};

// By its type; whether it is one is not looked at.
[[nodiscard]] bool is_certificate(Bytes blob);

// The key in it, which is all that the peer has proved to hold, whatever else is wrong with the certificate. The error
// says what is wrong with the key.
[[nodiscard]] Result<PublicKey> key_in_certificate(Bytes blob);

// Well made, of a host, without critical options (there is none for hosts), and signed by the CA that it names, not
// with SHA-1. Whether that CA is trusted, for which host and now, is for the caller to ask. The error is what stands in
// the way, on one line.
[[nodiscard]] Result<HostCertificate> parse_host_certificate(Bytes blob);

// Why it says nothing of the key of the host with this name at this time (Unix seconds), on one line. Names are
// compared as they stand: there are no patterns in a certificate. One that names no host is for none.
[[nodiscard]] std::optional<Error> objection(const HostCertificate& certificate, std::string_view name,
                                             std::int64_t now);

}  // namespace bastion::transport
