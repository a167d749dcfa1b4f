// The host keys that backends and containers have presented: known_hosts of ssh(1), in the store. A key is learned on
// first contact, by the store's one writer thread.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/transport/keys.h"
#include "store/host_keys.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
class Writer;
}

namespace bastion::upstream {

class KnownHosts {
 public:
  // All of them outlive it. What the writer answers comes on the loop.
  KnownHosts(loop::Loop& loop, store::HostKeys& host_keys, store::Writer& writer)
      : loop_(loop), host_keys_(host_keys), writer_(writer) {}

  [[nodiscard]] std::optional<PublicKey> find(const store::HostKeyOwner& owner);
  // Who else has the key that is on record for this owner, as store::HostKeys names them.
  [[nodiscard]] std::vector<std::string> copies_of(const store::HostKeyOwner& owner);
  // The key on record for this owner, which is `presented` from now on if there was none. A database that is locked for
  // longer than `within` is an end of its own; the key may be learned later all the same.
  [[nodiscard]] Task<std::expected<PublicKey, End>> learn(store::HostKeyOwner owner, PublicKey presented,
                                                          std::chrono::seconds within);

 private:
  loop::Loop& loop_;
  store::HostKeys& host_keys_;
  store::Writer& writer_;
};

}  // namespace bastion::upstream
