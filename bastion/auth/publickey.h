// The method "publickey" (RFC 4252 section 7), and OpenSSH's form of it that binds the signature to the host key
// (PROTOCOL, section 1.10).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bastion/base/bytes.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/user_certificate.h"

namespace bastion::auth {

inline constexpr std::string_view kPublickey = "publickey";
inline constexpr std::string_view kPublickeyHostbound = "publickey-hostbound-v00@openssh.com";

// A key that a client shows: to ask whether it would do, or with a signature that is yet to be verified.
struct KeyClaim {
  PublicKey key;
  std::string algorithm;
  bool is_signed = false;
  bool user_verified = false;  // a security key says that it has asked for its PIN
};

// The same with a certificate in the place of the key.
struct CertificateClaim {
  transport::UserCertificate certificate;
  std::string algorithm;
  bool is_signed = false;
  bool user_verified = false;  // a security key says that it has asked for its PIN
};

using PublickeyClaim = std::variant<KeyClaim, CertificateClaim>;

// What a request of this method claims, from its own `fields`. Nothing when it cannot let anybody in, however it is
// meant: it is malformed, the key is not sane, the algorithm is none of that key or of yesterday, the signature is of
// another algorithm or, of a security key, made without a touch; of a certificate, what parse_user_certificate()
// refuses. Nothing is computed with the key or a signature.
[[nodiscard]] std::optional<PublickeyClaim> claimed_key(std::string_view method, Bytes fields);

}  // namespace bastion::auth
