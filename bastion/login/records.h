// What the login path reads from the store and writes to it. One per worker, with a read connection of its own; writes
// go to the store's one writer thread, and a login never waits for a disk.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/relay.h"
#include "bastion/login/path.h"
#include "bastion/transport/keys.h"
#include "store/host_keys.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
class Reader;
class Writer;
}  // namespace bastion::store

namespace bastion::login {

class Records {
 public:
  Records(loop::Loop& loop, std::unique_ptr<store::Reader> reader, store::Writer& writer);
  ~Records();

  // The user who may log in with this key now. Nothing for an unknown user, a disabled one, a wrong or expired key:
  // the same work and the same answer for all of them.
  [[nodiscard]] std::optional<Identity> accepted(std::string_view user, const transport::PublicKey& key);
  [[nodiscard]] std::expected<Route, End> route(const Identity& identity, const Target& target);

  [[nodiscard]] std::optional<transport::PublicKey> host_key(const store::HostKeyOwner& owner);
  // The key on record for this owner, which is `presented` from now on if there was none.
  [[nodiscard]] Task<Result<transport::PublicKey>> recorded_host_key(store::HostKeyOwner owner,
                                                                     transport::PublicKey presented);

  // The session row of an authenticated login, when it is known where it goes (no route: nowhere), and at its end.
  void opened(const Arrival& arrival, const Identity& identity, const Route* route);
  void closed(const Arrival& arrival, const Identity& identity, const End& end,
              const connection::Relay::Traffic& traffic);

 private:
  loop::Loop& loop_;
  std::unique_ptr<store::Reader> reader_;
  store::Writer& writer_;
};

}  // namespace bastion::login
