// The method "publickey" (RFC 4252 section 7), and OpenSSH's form of it that binds the signature to the host key
// (PROTOCOL, section 1.10).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/transport/keys.h"

namespace bastion::auth {

inline constexpr std::string_view kPublickey = "publickey";
inline constexpr std::string_view kPublickeyHostbound = "publickey-hostbound-v00@openssh.com";

// A key that a client shows: to ask whether it would do, or with a signature that is yet to be verified.
struct KeyClaim {
  PublicKey key;
  std::string algorithm;
  bool is_signed = false;
};

// What a request of this method claims, from its own `fields`. Nothing when it cannot let anybody in, however it is
// meant: it is malformed, the key is not sane, the algorithm is none of that key or of yesterday, the signature is of
// another algorithm or, of a security key, made without a touch. Nothing is computed with the key or the signature.
[[nodiscard]] std::optional<KeyClaim> claimed_key(std::string_view method, Bytes fields);

}  // namespace bastion::auth
