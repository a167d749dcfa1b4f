// Starting an instance of Incus or LXD, by the command of its daemon on the backend that runs it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::wake {

// `incus start NAME`, or lxc where there is no incus, as the account that the bastion logs in to on the last of these
// hops. One that runs already is no error. The error is for an administrator.
[[nodiscard]] Task<Result<>> start_instance(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                            std::vector<access::Hop> way, std::string name,
                                            std::chrono::seconds within);

}  // namespace bastion::wake
