// Numeric addresses and blocks of them, as bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion {

struct Address {
  std::array<std::uint8_t, 16> bytes{};  // network byte order
  std::size_t size = 0;                  // 4 or 16

  bool operator==(const Address&) const = default;
};

// Nothing if it is none. An IPv4 address that is mapped into IPv6 is that IPv4 address; a zone (`fe80::1%eth0`) is left
// out.
[[nodiscard]] std::optional<Address> address_of(std::string_view text);

// In canonical form (endpoint.h).
[[nodiscard]] std::string text_of(const Address& address);

// `10.0.0.0/8`, `fd00::/8`: RFC 4632 section 3.1, RFC 4291 section 2.3.
class Network {
 public:
  // A single address is a block of one.
  [[nodiscard]] static Result<Network> parse(std::string_view text);

  [[nodiscard]] bool contains(const Address& address) const;
  // As parse() takes it; a single address without a slash.
  [[nodiscard]] std::string text() const;

  bool operator==(const Network&) const = default;

 private:
  Network(const Address& first, std::size_t prefix) : first_(first), prefix_(prefix) {}

  Address first_;
  std::size_t prefix_;  // bits
};

}  // namespace bastion
