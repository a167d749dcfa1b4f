// The public halves of what the bastion proves itself with to backends and containers (transport/own_identity.h).
#pragma once

#include <vector>

#include "bastion/base/public_key.h"

namespace bastion {

struct PublicIdentity {
  std::vector<PublicKey> keys{};  // the preferred one first
  PublicKey ca{};
  PublicKey next_ca{};  // takes its place when all trust it; empty: there is none
};

}  // namespace bastion
