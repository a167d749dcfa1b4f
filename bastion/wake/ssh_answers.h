// Whether somebody speaks SSH where something is to be started: the first bytes of its version line (RFC 4253
// section 4.2), and no more.
#pragma once

#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/wake/wanted.h"

namespace bastion::wake {

// As seen from behind the last hop of its way, or from here, or by its command. Two seconds for the line, and a dial's
// time before it.
[[nodiscard]] Task<bool> ssh_answers(const upstream::Credentials& credentials, upstream::HopPool& hops, Wanted wanted);

}  // namespace bastion::wake
