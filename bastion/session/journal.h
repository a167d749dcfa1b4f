// What sessions leave in the store: their rows, and those of the audit. Written by the store's one writer thread; a
// login never waits for a disk.
#pragma once

#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/connection/relay.h"
#include "bastion/session/path.h"

namespace bastion::store {
class Writer;
}

namespace bastion::session {

class Journal {
 public:
  // `server` is who serves the sessions. The writer outlives it.
  Journal(store::Writer& writer, std::string server) : writer_(writer), server_(std::move(server)) {}

  // The session row of an authenticated login: at its beginning, when it is known where it leads, and at its end.
  void opened(const Arrival& arrival, const access::Identity& identity);
  void routed(const Arrival& arrival, const std::string& container, const std::vector<access::Hop>& hops);
  void closed(const Arrival& arrival, const access::Identity& identity, const End& end,
              const connection::Relay::Traffic& traffic);
  // That she came to the administrators' door and may not.
  void door_refused(const Arrival& arrival, const access::Identity& identity);
  // That she has a raw tunnel to this container or backend.
  void tunnelled(const Arrival& arrival, const access::Identity& identity, const std::string& to);

 private:
  store::Writer& writer_;
  std::string server_;
};

}  // namespace bastion::session
