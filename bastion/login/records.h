// What the login path reads from the store and writes to it. One per worker, with a read connection of its own; writes
// go to the store's one writer thread, and a login never waits for a disk.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/relay.h"
#include "bastion/login/destination.h"
#include "bastion/login/menu_screen.h"
#include "bastion/login/path.h"
#include "bastion/transport/keys.h"
#include "store/host_keys.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
struct AcceptedKey;
class Reader;
class Writer;
}  // namespace bastion::store

namespace bastion::login {

class Records {
 public:
  // `limits` are for users who have none of their own; `server` is who serves the sessions.
  Records(loop::Loop& loop, std::unique_ptr<store::Reader> reader, store::Writer& writer,
          const Lifetime::Limits& limits, std::string server);
  ~Records();

  // Other limits from now on, for identities that are asked for from then on.
  void limit(const Lifetime::Limits& limits) { limits_ = limits; }

  // The user who may log in with this key, from this address, now. Nothing for an unknown user, a disabled one, a wrong
  // or expired key: the same work and the same answer for all of them.
  [[nodiscard]] std::optional<Identity> accepted(std::string_view user, const transport::PublicKey& key,
                                                 std::string_view from_host);
  // Of somebody who is logged in: what she may do now, or why she has to go. `internal` when the store cannot tell.
  [[nodiscard]] std::expected<Identity, End> standing(const Identity& identity, std::string_view from_host);
  // Of a container she is in, which she knows as `shown`: until when she may stay, or why not.
  [[nodiscard]] std::expected<std::optional<std::int64_t>, End> access(const Identity& identity, std::int64_t container,
                                                                       const std::string& shown);
  // The number of the last change that may concern somebody who is logged in; nothing when nobody has written anything
  // since this was last asked.
  [[nodiscard]] std::optional<std::int64_t> last_change();

  [[nodiscard]] std::expected<Route, End> route(const Identity& identity, const Target& target);
  // Where a forward of hers leads; an error is a sentence for her.
  [[nodiscard]] Result<Destination> destination(const Identity& identity, const Target& target, const Endpoint& wanted);
  // What she may enter, for her to choose from.
  [[nodiscard]] std::vector<MenuScreen::Choice> choices(const Identity& identity);

  [[nodiscard]] std::optional<transport::PublicKey> host_key(const store::HostKeyOwner& owner);
  // The key on record for this owner, which is `presented` from now on if there was none.
  [[nodiscard]] Task<Result<transport::PublicKey>> recorded_host_key(store::HostKeyOwner owner,
                                                                     transport::PublicKey presented);

  // The session row of an authenticated login: at its beginning, when it is known where it leads, and at its end.
  void opened(const Arrival& arrival, const Identity& identity);
  void routed(const Arrival& arrival, const std::string& container, const std::vector<Hop>& hops);
  void closed(const Arrival& arrival, const Identity& identity, const End& end,
              const connection::Relay::Traffic& traffic);
  // That she came to the administrators' door and may not.
  void door_refused(const Arrival& arrival, const Identity& identity);
  // That she has a raw tunnel to this container or backend.
  void tunnelled(const Arrival& arrival, const Identity& identity, const std::string& to);

  // For whoever only reads.
  [[nodiscard]] store::Reader& reader() { return *reader_; }

 private:
  [[nodiscard]] std::optional<Identity> identity_of(const store::AcceptedKey& accepted) const;

  loop::Loop& loop_;
  std::unique_ptr<store::Reader> reader_;
  store::Writer& writer_;
  Lifetime::Limits limits_;
  std::string server_;
};

}  // namespace bastion::login
