// What is signed, and for what reason anything else is not. docs/SECURITY.md promises it.
#pragma once

#include <cstdint>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/signer/directory.h"
#include "bastion/signer/messages.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/own_identity.h"

namespace bastion::signer {

struct Keys {
  std::vector<transport::KeyPair> host_keys;
  transport::OwnIdentity identity;
};

[[nodiscard]] Holds public_halves(const Keys& keys);

// With a host key, the hash of a key exchange, or the proof that this is our host key. With an identity key, an
// authentication request, for an account that the directory has, and towards a machine that has it: a request that
// names its host says which that is (publickey-hostbound-v00@openssh.com), of any other the host has signed the session
// id. In the place of a host key there may be the host's certificate. With the CA, a certificate that is over in a
// minute, for an account that asks for certificates in a machine that has the host key that came with the request, and
// permits no more than such an account needs. A key that is elsewhere signs through the thread's SignsThrough. From any
// thread. `now` is in Unix seconds.
[[nodiscard]] Result<ByteVector> sign(const Request& request, const Keys& keys, Directory& directory, std::int64_t now);

}  // namespace bastion::signer
