// host:port as people write it. IPv6 addresses with a port stand in brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion {

struct Endpoint {
  std::string host;  // a name or a numeric address, without brackets
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;
  bool operator==(const Endpoint&) const = default;
};

// `be1.example`, `10.1.1.1:22`, `[fd00::1]:22`, `fd00::1`. Without a port it is `default_port`; without a default there
// must be one.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text, std::optional<std::uint16_t> default_port);

// The one way to write a numeric address, so that addresses can be compared as text; nothing if it is none.
[[nodiscard]] std::optional<std::string> canonical_address(std::string_view host);
// The same of names too: in small letters, without the dot that may end them (RFC 4343, RFC 1034 section 3.1).
[[nodiscard]] std::string canonical_host(std::string_view host);

}  // namespace bastion
