#include "bastion/transport/own_identity.h"

namespace bastion::transport {

PublicIdentity public_halves(const OwnIdentity& identity) {
  PublicIdentity halves{.keys = {}, .ca = identity.ca.public_key(), .next_ca = identity.next_ca};
  for (const auto& key : identity.keys) halves.keys.push_back(key.public_key());
  return halves;
}

}  // namespace bastion::transport
