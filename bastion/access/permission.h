// What a policy says to the messages in which somebody asks for something: RFC 4254, and OpenSSH's PROTOCOL for names
// with an @. Pure.
#pragma once

#include <optional>
#include <string>

#include "bastion/access/policy.h"
#include "bastion/connection/forward.h"
#include "bastion/connection/message.h"

namespace bastion::access {

// Why it is refused, in words for the user; nothing when it is allowed.
// A channel, whichever side opens it: the container opens those of -R, of an agent and of X11.
[[nodiscard]] std::optional<std::string> objection(const Policy& policy, const connection::ChannelOpen& open);
// A request of the user.
[[nodiscard]] std::optional<std::string> objection(const Policy& policy, const connection::GlobalRequest& request);
[[nodiscard]] std::optional<std::string> objection(const Policy& policy, const connection::ChannelRequest& request);

}  // namespace bastion::access
