// How we introduce ourselves and what we speak, strongest or fastest first; libssh's own defaults are not used.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bastion/base/public_key.h"

namespace bastion::transport {

// RFC 4253 section 4.2: software version and comment. OpenSSH speaks its extensions (eow@openssh.com, for one) only to
// what calls itself OpenSSH, and node's ssh2 only where a version from 5 up follows; with the relay it is OpenSSH that
// they reach. This one is of today, and no client works around a fault of it.
inline constexpr const char* kSoftwareVersion = "OpenSSH_9.9 bastion";

// What costs either side less than a millisecond.
inline constexpr const char* kCheapKeyExchange =
    "mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";
// Towards users: with what OpenSSH before 10 has against quantum computers, at 4 ms of ours. Never group16, group18 or
// group exchange: they cost an unauthenticated stranger nothing and us up to 95 ms each.
inline constexpr const char* kKeyExchange =
    "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
    "curve25519-sha256@libssh.org,ecdh-sha2-nistp256";

// The user's client chooses by its own order.
inline constexpr const char* kServerCiphers =
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr";

inline constexpr const char* kMacs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";

inline constexpr const char* kHostKeys =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";

// Of certificates that hosts have for those keys (OpenSSH's PROTOCOL.certkeys), and how the name of each one ends.
inline constexpr const char* kHostCertificates =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com";
inline constexpr std::string_view kCertificateSuffix = "-cert-v01@openssh.com";

// Whether it is one of kCheapKeyExchange.
[[nodiscard]] bool is_cheap(std::string_view key_exchange);

// Whether a signature by it costs some milliseconds, where others cost a tenth of one.
[[nodiscard]] bool is_rsa(std::string_view signature_algorithm);

// What we offer where we are the client, as name-lists. There we choose, and dial only whom an administrator has named.
struct ClientAlgorithms {
  std::string key_exchange;
  std::string host_keys;
  std::string ciphers;
  std::string macs;
  std::string signatures;  // of ours, for the authentication
};

enum class Offer : std::uint8_t {
  sound,   // all that libssh has and nothing is known against
  legacy,  // and what old appliances still need: SHA-1 and CBC, and the key exchanges that cost most
};

// What costs least stands first (AES where the processor has it), so that a peer with a choice gets the same whatever
// follows. `key_exchange` stands in the place of our own list, where it is not empty. Not offered, to nobody: DSA,
// 3DES, Blowfish, RC4, MD5, group1 and group-exchange-sha1, which can be broken.
[[nodiscard]] ClientAlgorithms client_algorithms(Offer offer, std::string_view key_exchange);

// Whether a host key of ours, of this type, signs by one of these algorithms; where none is named, by one of our own
// list.
[[nodiscard]] bool is_used(std::string_view key_type, std::string_view host_key_algorithms);

// The same algorithms; first, in their order, those by which one of these keys signs, as HostKeyAlgorithms of
// ssh_config(5) has it. A peer that has any of them shows it, whatever others it has.
[[nodiscard]] std::string known_first(std::string_view host_key_algorithms, std::span<const PublicKey> known);

}  // namespace bastion::transport
