// Host keys as ssh(1) remembers them: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/public_key.h"

namespace bastion::admin {

// Of the one that is asked for; of the kind we like best first. Names are compared as they stand there, in the clear or
// hashed (HashKnownHosts in ssh_config(5)): patterns, revoked keys and certificate authorities are nobody's key.
[[nodiscard]] std::vector<PublicKey> known_hosts_of(const Endpoint& host, std::string_view text);

}  // namespace bastion::admin
