// What an ID token says (OpenID Connect Core 1.0, section 2 and 3.1.3.7), looked at. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/oidc/sign_on.h"

namespace bastion::oidc {

// Clocks differ by so many seconds.
inline constexpr std::int64_t kClockDrift = 60;
// One is made for us, just now.
inline constexpr std::int64_t kOldest = 600;

// `payload` is signed by the issuer (signature.h). That it is of this issuer, for this client, of now; and who it
// names. An e-mail address counts where the issuer says that it is theirs (`email_verified`). There is no nonce: the
// device grant has no request of the user's that could carry one.
[[nodiscard]] Result<SignedOn> signed_on(std::string_view payload, const Provider& provider, std::int64_t now);

}  // namespace bastion::oidc
