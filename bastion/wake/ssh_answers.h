// Whether somebody speaks SSH at an address: the first bytes of its version line (RFC 4253 section 4.2), and no more.
#pragma once

#include <chrono>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::wake {

// As seen from behind the last of these hops, or from here. Two seconds for the line, and a dial's time before it.
[[nodiscard]] Task<bool> ssh_answers(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                     std::vector<access::Hop> way, Endpoint at);

// Until it does, asked again and again.
[[nodiscard]] Task<> until_ssh_answers(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                       std::vector<access::Hop> way, Endpoint at);

}  // namespace bastion::wake
