// Where a forward of the user's leads (direct-tcpip, RFC 4254 section 7.2): `ssh -L`, `-D`, `-W`, and `-J` with the
// bastion as the jump.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bastion/access/container_place.h"
#include "bastion/access/route.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"

namespace bastion::store {
class Backends;
class Containers;
}  // namespace bastion::store

namespace bastion::access {

// Opened inside her container, by its own sshd, as if she had logged in there and asked for it.
struct Inside {};
// A raw tunnel: through the hops, from end to end, and nobody logs in for her.
struct ThroughTheHops {
  std::vector<Hop> hops;
  Endpoint to;
  std::string command{};  // in place of that: of the last hop
  std::string name;       // of what is there, for records and messages: `bob/web`, `be1`
  Reason unreachable = Reason::container_unreachable;
  std::optional<ContainerPlace> container{};  // nothing: a backend, which is for administrators
};
using Destination = std::variant<Inside, ThroughTheHops>;

// Names are compared without regard to case and a dot at the end. In this order:
//  - loopback, by name or address: inside her container, whatever the directory holds;
//  - a container she may enter, by the name that stands behind the `+` of a target, or by its address inside the
//    network her login leads to (failing that, the one network where she has something at that address): a raw tunnel.
//    By name, port 22 is the port its sshd has. Other ports are hers as well, unless somebody else's sshd is there, or
//    somebody else shares the address. Of an address that is or may be a host's (loopback, link-local, the backend's
//    own, any name), and of what is reached by a command, only the container's port is: by name others are refused, by
//    address they are what is said below;
//  - somebody else's container, by address: refused;
//  - a backend, by its name or its address: a raw tunnel for administrators, refused with what to write in its place
//    for those who have something behind it, and no backend at all to anybody else;
//  - anything else: inside her container.
// An error is a sentence for her: only this forward is refused, and the login goes on.
[[nodiscard]] Result<Destination> find_destination(store::Containers& containers, store::Backends& backends,
                                                   const Identity& who, const Target& target, const Endpoint& wanted,
                                                   std::int64_t now);

}  // namespace bastion::access
