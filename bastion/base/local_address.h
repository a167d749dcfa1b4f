// Where only this machine reaches: a port of a loopback address, or a unix socket.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/endpoint.h"
#include "bastion/base/result.h"

namespace bastion {

struct LocalAddress {
  Endpoint port = {};                      // numeric
  std::filesystem::path unix_socket = {};  // empty: it is a port

  // `127.0.0.1:9222`, `[::1]:9222`, `unix:/run/bastion/metrics.sock`
  [[nodiscard]] static Result<LocalAddress> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  bool operator==(const LocalAddress&) const = default;
};

}  // namespace bastion
