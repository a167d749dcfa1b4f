// The payloads by which somebody asks for a forward (RFC 4254 section 7), as far as the bastion has to understand them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/connection/message.h"

namespace bastion::connection {

// Where a direct-tcpip channel is to lead (section 7.2), or what a tcpip-forward request wants listened on (7.1).
struct ForwardAddress {
  std::string host;  // a name or an address; of a listener, empty for every address
  std::uint32_t port = 0;
};

// Nothing where the payload is malformed. The caller has seen to it that it is of that type.
[[nodiscard]] std::optional<ForwardAddress> parse_direct_tcpip(const ChannelOpen& open);
[[nodiscard]] std::optional<ForwardAddress> parse_tcpip_forward(const GlobalRequest& request);

}  // namespace bastion::connection
