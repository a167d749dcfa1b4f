// The ways to authenticate (RFC 4252), as a table. A new method is a row here, a claim beside KeyClaim, and a
// credential in bastion/access/credential.h.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "bastion/auth/keyboard_interactive.h"
#include "bastion/auth/password.h"
#include "bastion/auth/publickey.h"
#include "bastion/base/bytes.h"
#include "bastion/base/requirement.h"

namespace bastion::auth {

// The first question of every client, which claims nothing: which methods are there?
inline constexpr std::string_view kNone = "none";

// What a request claims, before it is proven.
using Claim = std::variant<KeyClaim, CertificateClaim, InteractiveClaim, PasswordClaim>;

struct Method {
  std::string_view name;  // as requests and SSH_MSG_USERAUTH_FAILURE have it
  bool is_offered;        // in the failure; one that is not is another name of one that is
  // From the fields that the method has of its own; nothing when they cannot let anybody in.
  std::optional<Claim> (*claim)(std::string_view method, Bytes fields);
};

[[nodiscard]] std::span<const Method> methods();
// nullptr: there is no such method here.
[[nodiscard]] const Method* find_method(std::string_view name);
// Those that are offered, as a name-list (RFC 4251 section 5).
[[nodiscard]] std::string offered_methods();
// Those by which one of these is proven, so too.
[[nodiscard]] std::string methods_for(std::span<const Factor> factors);

}  // namespace bastion::auth
