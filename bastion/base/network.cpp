#include "bastion/base/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>

namespace bastion {
namespace {

constexpr std::size_t kIpv4Size = 4;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 section 2.5.5.2

// The byte with only its first `bits` bits set.
std::uint8_t mask_of(std::size_t bits) { return static_cast<std::uint8_t>(0xff00U >> std::min<std::size_t>(bits, 8)); }

// The address with everything behind the prefix cleared.
Address cut(Address address, std::size_t prefix) {
  for (std::size_t i = 0; i < address.size; ++i) {
    address.bytes.at(i) &= mask_of(prefix > 8 * i ? prefix - 8 * i : 0);
  }
  return address;
}

}  // namespace

std::optional<Address> address_of(std::string_view text) {
  const std::string terminated(text.substr(0, text.find('%')));
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
    address.size = kIpv4Size;
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  address.size = address.bytes.size();
  if (!std::ranges::equal(kMapped, std::span(address.bytes).first(kMapped.size()))) return address;
  Address mapped;
  std::ranges::copy(std::span(address.bytes).last(kIpv4Size), mapped.bytes.begin());
  mapped.size = kIpv4Size;
  return mapped;
}

std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.size == kIpv4Size ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

Result<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = address_of(text.substr(0, slash));
  if (!first) return fail("{} is no address and no block of addresses such as 10.0.0.0/8 or fd00::/8", text);
  auto prefix = 8 * first->size;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto most = prefix;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix > most) {
      return fail("{} has no number from 0 to {} after the slash", text, most);
    }
  }
  if (cut(*first, prefix) != *first) {
    return fail("{} is not the beginning of a block: some bits after the first {} are set", text, prefix);
  }
  return Network(*first, prefix);
}

bool Network::contains(const Address& address) const {
  return address.size == first_.size && cut(address, prefix_) == first_;
}

std::string Network::text() const {
  const auto first = text_of(first_);
  return prefix_ == 8 * first_.size ? first : fmt::format("{}/{}", first, prefix_);
}

}  // namespace bastion
