// What the bastion proves itself with to backends and containers.
#pragma once

#include <vector>

#include "bastion/base/public_identity.h"
#include "bastion/transport/keys.h"

namespace bastion::transport {

struct OwnIdentity {
  std::vector<KeyPair> keys;  // to log in with, the preferred one first; never empty
  KeyPair ca;                 // signs the certificates of those logins that ask for one (certificate.h)
  PublicKey next_ca{};        // signs nothing yet; empty: there is none
};

[[nodiscard]] PublicIdentity public_halves(const OwnIdentity& identity);

}  // namespace bastion::transport
