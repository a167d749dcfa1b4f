// What a backend runs, by its own word: the one thing that the bastion itself has executed on a backend, when an
// administrator asks for it (`import incus --backend B`).
#pragma once

#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::store {
class Backends;
}

namespace bastion::probe {

// What `incus list --format json` prints there, or lxc, run over a hop of the pool as the account that the bastion logs
// in to. The error is for an administrator. A minute at most after the backend was reached.
[[nodiscard]] Task<Result<std::string>> list_instances(const upstream::Credentials& credentials,
                                                       upstream::HopPool& hops, store::Backends& backends,
                                                       std::string backend);

}  // namespace bastion::probe
