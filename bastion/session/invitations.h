// Whoever comes with the word of an invitation has their key enrolled by it (server/invitation_taker.h).
#pragma once

#include <optional>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class Invitations {
 public:
  struct Taken {
    ByteVector hash;  // of the word
    PublicKey key;    // that has signed
    std::string from_host;
    std::string session;
  };
  // Nothing: it is good no more. An error: nobody can tell, and no key is enrolled.
  [[nodiscard]] virtual Task<Result<std::optional<std::string>>> take(loop::Loop& loop, Taken taken) = 0;

 protected:
  ~Invitations() = default;
};

}  // namespace bastion::session
