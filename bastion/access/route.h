// route: from who it is and what she asked for to the hops and the container.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/access/target.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "store/presented.h"

namespace bastion::store {
class Backends;
class Containers;
struct Container;
}  // namespace bastion::store

namespace bastion::access {

// One backend on the way, nearest to the bastion first.
struct Hop {
  std::int64_t backend = 0;  // the store's row; never shown to people
  std::string name;
  std::string host;  // empty where it dials in
  std::uint16_t port = 22;
  std::string account;
  bool is_legacy = false;  // algorithms of long ago are spoken to it too
  store::Presented presents = store::Presented::key;
  bool dials_in = false;  // it is reached over a link that its machine has made (upstream/links.h)

  // Where its sshd is, for people to read.
  [[nodiscard]] std::string place() const;
  bool operator==(const Hop&) const = default;
};

// The resolved path of one login: the hops in dialling order, then the container behind the last one. No hop at all
// means that the bastion reaches the container's address directly.
struct Route {
  std::vector<Hop> hops;
  std::int64_t container = 0;
  std::int64_t backend = 0;    // that it runs on; not always the last hop
  std::string container_name;  // as the user may read it: `web`, or `bob/web` when it is somebody else's
  std::string full_name;       // as records have it: always `bob/web`
  std::string address;
  std::uint16_t port = 22;
  std::string command = {};  // run by the last hop, in place of an address: as store::Container has it
  std::string account;
  bool is_legacy = false;  // as Hop has it
  store::Presented presents = store::Presented::key;
  std::string group = {};  // by which it is open to her, where that is neither hers nor shared with her alone

  // Where the container is, for people to read.
  [[nodiscard]] std::string place() const;
};

// Which container:
//  - without a name, the one of her own that is marked as default; else the only one of her own; else, when she owns
//    none, the only one that is shared with her;
//  - by name, her own before one that is shared with her; several shared ones of that name are ambiguous;
//  - by owner/name, exactly that one.
// A container she may not enter is not found, whether it exists or not.
//
// Which hops: the backends on the way to the container's, in dialling order, the container's own last. A `direct`
// backend is no hop: what is behind it is reached from the hop before it, or from the bastion itself. Every backend on
// the way must be active, and the container's own must serve its owner; whom others on the way serve is of no account.
//
// `now` is in Unix seconds: shares end.
[[nodiscard]] std::expected<Route, End> find_route(store::Containers& containers, store::Backends& backends,
                                                   const Identity& who, const Target& target, std::int64_t now);

// The parts of it.
[[nodiscard]] std::expected<store::Container, End> find_container(store::Containers& containers, const Identity& who,
                                                                  const Target& target, std::int64_t now);
// From `open`, what is open to her of that name, her own first.
[[nodiscard]] std::expected<store::Container, End> choose_named(const std::vector<store::Container>& open,
                                                                const Identity& who, const Target& target);
// Those that lead to this container: by find_hops(), and where it is reached by a command its backend is the last of
// them, which has to run it.
[[nodiscard]] std::expected<std::vector<Hop>, End> find_hops_to(store::Backends& backends,
                                                                const store::Container& container);
// The hops that lead into the network of this backend; and those that lead to the backend itself.
[[nodiscard]] std::expected<std::vector<Hop>, End> find_hops(store::Backends& backends, std::int64_t backend);
[[nodiscard]] std::expected<std::vector<Hop>, End> find_hops_before(store::Backends& backends, std::int64_t backend);
// The same hops as find_hops(), whether or not anybody is let through to them now.
[[nodiscard]] Result<std::vector<Hop>> find_way(store::Backends& backends, std::int64_t backend);
// As she may read it, and as she may type it after the `+`.
[[nodiscard]] std::string shown_to(const Identity& who, const store::Container& container);

}  // namespace bastion::access
