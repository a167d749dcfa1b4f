// Host keys as ssh(1) remembers them: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/public_key.h"

namespace bastion::admin {

struct KnownHosts {
  std::vector<PublicKey> keys;    // of the one that was asked for; of the kind we like best first
  bool has_hashed_names = false;  // whose they are cannot be told
};

// Names are compared as they stand there: patterns, revoked keys and certificate authorities are nobody's key.
[[nodiscard]] KnownHosts known_hosts_of(const Endpoint& host, std::string_view text);

}  // namespace bastion::admin
