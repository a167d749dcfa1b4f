// Numeric addresses between text and the socket interface.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "bastion/base/endpoint.h"
#include "bastion/loop/descriptor.h"

namespace bastion::loop {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Nothing when the host is not numeric.
[[nodiscard]] std::optional<SocketAddress> socket_address_of(const Endpoint& address);
// IPv4 addresses that arrived on an IPv6 socket are written as IPv4.
[[nodiscard]] Endpoint address_of(const sockaddr_storage& storage);

}  // namespace bastion::loop
