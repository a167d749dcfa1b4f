// Numeric addresses and blocks of them, as bits.
#pragma once

#include <array>
#include <compare>
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

  [[nodiscard]] bool is_ipv4() const { return size == 4; }

  auto operator<=>(const Address&) const = default;
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
  // The block of so many bits that an address is in; all of its bits are its own where it has fewer.
  [[nodiscard]] static Network around(const Address& address, std::size_t prefix);

  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool contains(const Network& other) const;
  // As parse() reads it; a block of one is the address.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const Address& first() const { return first_; }
  [[nodiscard]] std::size_t prefix() const { return prefix_; }

  auto operator<=>(const Network&) const = default;

 private:
  Network(const Address& first, std::size_t prefix) : first_(first), prefix_(prefix) {}

  Address first_;
  std::size_t prefix_;  // bits
};

}  // namespace bastion
