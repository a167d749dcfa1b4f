// User certificates as OpenSSH has them (PROTOCOL.certkeys): one for each login, for a key that is made for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/transport/keys.h"

namespace bastion::transport {

inline constexpr std::string_view kCertificateType = "ssh-ed25519-cert-v01@openssh.com";
// SSH_CERT_TYPE_USER
inline constexpr std::uint32_t kUserCertificate = 1;
// For how long one is of use, and by how much the clock of its sshd may be behind.
inline constexpr std::chrono::seconds kCertificateLifetime{60};
inline constexpr std::chrono::seconds kClockSkew{30};

// What it is for, and so what it permits: the extensions that are in it, in their order. An sshd that reads a
// certificate allows nothing of these that the certificate does not name.
enum class CertificateUse : std::uint8_t { hop, container };
[[nodiscard]] std::span<const std::string_view> extensions_of(CertificateUse use);

struct CertificateRequest {
  std::string account;  // its only principal
  std::string key_id;   // sshd writes it into its log
  CertificateUse use;
  std::int64_t now;  // Unix seconds
};

// What the CA signs: all of the certificate but the signature. `key` and `ca` are blobs of ssh-ed25519 keys.
[[nodiscard]] ByteVector certificate_to_sign(const CertificateRequest& request, Bytes key, Bytes ca);

// A fresh key with a certificate, for a login to the machine with this host key. The CA's private half may be in
// another process (signing.h), which may refuse. Blocks as a signature does.
[[nodiscard]] Result<KeyPair> certified_key(const KeyPair& ca, const CertificateRequest& request, Bytes host_key);

}  // namespace bastion::transport
