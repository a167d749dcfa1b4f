// How we introduce ourselves and what we speak, strongest or fastest first; libssh's own defaults are not used.
#pragma once

namespace bastion::transport {

// RFC 4253 section 4.2: software version and comment. OpenSSH speaks its extensions (eow@openssh.com, for one) only to
// what calls itself OpenSSH, and node's ssh2 only where a version from 5 up follows; with the relay it is OpenSSH that
// they reach. This one is of today, and no client works around a fault of it.
inline constexpr const char* kSoftwareVersion = "OpenSSH_9.9 bastion";

// Never group16, group18 or group exchange: they cost an unauthenticated stranger nothing and us up to 95 ms each.
inline constexpr const char* kKeyExchange =
    "mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";

// The user's client chooses by its own order.
inline constexpr const char* kServerCiphers =
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr";

// Towards backends and containers we choose, and choose what costs least: AES where the processor has it.
[[nodiscard]] const char* client_ciphers();

inline constexpr const char* kMacs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";

inline constexpr const char* kHostKeys =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";

}  // namespace bastion::transport
