// The signature of a JSON Web Token (RFC 7515, 7519) by a key of the issuer's set (RFC 7517). The input comes from a
// network.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::oidc {

// What it signs, where its signature is right. Algorithms: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384,
// ES512 and EdDSA with Ed25519; an unsigned one (`none`) is refused, and so is one by a secret (HS256): whoever knows
// the client's secret, or takes a public key for one, could make those. The key has to be of the algorithm's type, and
// of 2048 bits at least where that is RSA.
[[nodiscard]] Result<std::string> verified_payload(std::string_view token, std::string_view key_set);

}  // namespace bastion::oidc
