// What has an order (order.h) carried out on a backend, beside the commands that lead to containers.
#pragma once

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/probe/order.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::store {
class Backends;
}

namespace bastion::probe {

// Over a hop of the pool, once: what changes something is not done twice because somebody said no. The error is for an
// administrator: nobody can say whether it was done.
[[nodiscard]] Task<Result<Ordered>> carry_out(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                              store::Backends& backends, Order order);

}  // namespace bastion::probe
