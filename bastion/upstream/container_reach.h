// The way into a container: to its address, or by the command that leads to it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::upstream {

// The command is started in a session of the last of these hops: whether it comes to SSH the stream tells, which is
// lost with an account of how it ended.
[[nodiscard]] Task<std::expected<Reached, End>> reach_by_command(const Credentials& credentials, HopPool& hops,
                                                                 std::vector<access::Hop> way, Use use,
                                                                 std::string command);

// Whether it was the command that has failed on a connection which newcomers with a command do not get any more: over
// another one it may succeed, because the account may have other rights by now.
[[nodiscard]] bool is_worth_another_hop(const End& end, const HopConnection* hop);

// As reach() of chain.h, to an address behind this backend: where that is no hop, it is noted whether it answers.
struct Behind {
  std::int64_t backend = 0;
  Endpoint at;
};
[[nodiscard]] Task<std::expected<Reached, End>> reach_behind(const Credentials& credentials, HopPool& hops,
                                                             std::vector<access::Hop> way, Use use, Behind to,
                                                             End unreachable);

// So, or by the route's command.
[[nodiscard]] Task<std::expected<Reached, End>> reach_container(const Credentials& credentials, HopPool& hops,
                                                                const access::Route& route, Use use);

}  // namespace bastion::upstream
