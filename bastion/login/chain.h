// chain of hops: a stream to an address in the network behind the last of some hops; or, with no hop at all, in the
// bastion's own.
#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/base/wire.h"
#include "bastion/login/client_login.h"
#include "bastion/login/hop_pool.h"
#include "bastion/login/path.h"

namespace bastion::login {

struct Reached {
  std::unique_ptr<Wire> wire;
  HopConnection* hop = nullptr;  // the last one; it outlives the wire
};

// `unreachable` is the end when everything on the way is well and the address does not answer. A hop that turns out to
// be dead is left for another one.
[[nodiscard]] Task<std::expected<Reached, End>> reach(const Credentials& credentials, HopPool& hops,
                                                      std::vector<Hop> way, Endpoint to, End unreachable);

}  // namespace bastion::login
