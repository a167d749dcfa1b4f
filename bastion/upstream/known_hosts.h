// The host keys of backends and containers: known_hosts of ssh(1), in the store. A key is learned on first contact, by
// the store's one writer thread.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/transport/host_certificate.h"
#include "bastion/transport/keys.h"
#include "store/host_cas.h"
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
  KnownHosts(loop::Loop& loop, store::HostKeys& host_keys, store::HostCas& host_cas, store::Writer& writer)
      : loop_(loop), host_keys_(host_keys), host_cas_(host_cas), writer_(writer) {}

  // Any of them will do, the pinned ones stand first; empty: none is known yet.
  [[nodiscard]] std::vector<PublicKey> of(const store::HostKeyOwner& owner);
  // By whose certificates it is known too; nobody's: by none. Where that cannot be read, by one that nobody has:
  // nothing is learned then.
  [[nodiscard]] store::HostTrust trust_of(const store::HostKeyOwner& owner);
  // It was known by a certificate once, whoever's: no key of it is to be learned. What cannot be read was.
  [[nodiscard]] bool was_certified(const store::HostKeyOwner& owner);
  // Who else has a key that is on record for this owner, as store::HostKeys names them.
  [[nodiscard]] std::vector<std::string> copies_of(const store::HostKeyOwner& owner);
  // The keys on record for this owner, which is `presented` from now on if there was none. A database that is locked
  // for longer than `within` is an end of its own; the key may be learned later all the same.
  [[nodiscard]] Task<std::expected<std::vector<PublicKey>, End>> learn(store::HostKeyOwner owner, PublicKey presented,
                                                                       std::chrono::seconds within);
  // It was presented, and is none of them: an administrator may want to see it. Nobody waits for that.
  void refuse(const store::HostKeyOwner& owner, const PublicKey& presented);
  // It was known by this certificate. Nobody waits for that.
  void certified(const store::HostKeyOwner& owner, const transport::HostCertificate& certificate);
  // The bastion was let in there as `account` with this one of its identity keys. Nobody waits for that either.
  void took(const store::HostKeyOwner& owner, const std::string& account, const PublicKey& identity);

 private:
  loop::Loop& loop_;
  store::HostKeys& host_keys_;
  store::HostCas& host_cas_;
  store::Writer& writer_;
};

}  // namespace bastion::upstream
