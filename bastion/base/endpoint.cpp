#include "bastion/base/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace bastion {
namespace {

constexpr std::size_t kMaxHostSize = 253;  // RFC 1035 section 2.3.4, as text

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostSize && host.front() != '-' && host.front() != '.' &&
         std::ranges::all_of(host, [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos && canonical_address(host).has_value();
}

}  // namespace

std::string Endpoint::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::optional<std::string> canonical_address(std::string_view host) {
  const std::string terminated(host);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, terminated.c_str(), address.data()) == 1) {
      return ::inet_ntop(family, address.data(), text.data(), text.size());
    }
  }
  return std::nullopt;
}

std::string canonical_host(std::string_view host) {
  if (auto address = canonical_address(host)) return *std::move(address);
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return name;
}

Result<Endpoint> parse_endpoint(std::string_view text, std::optional<std::uint16_t> default_port) {
  auto host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto inside = close == std::string_view::npos ? std::string_view{} : text.substr(1, close - 1);
    const auto rest = text.substr(std::min(close, text.size() - 1) + 1);
    if (!is_ipv6(inside) || (!rest.empty() && !rest.starts_with(':'))) {
      return fail("{} is no address: with brackets it looks like [fd00::1]:22", text);
    }
    host = inside;
    if (!rest.empty()) port = rest.substr(1);
  } else if (!is_ipv6(text)) {
    const auto colon = text.rfind(':');
    host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
    if (!is_host_name(host))
      return fail("{} is no address: it looks like be1.example:22, 10.1.1.1 or [fd00::1]:22", text);
  }
  if (!port && !default_port) return fail("{} has no port: write {}", text, Endpoint{std::string(host), 2222}.text());
  const auto number = port ? port_of(*port) : default_port;
  if (!number) return fail("{} has no port between 1 and 65535 after the colon", text);
  return Endpoint{.host = canonical_address(host).value_or(std::string(host)), .port = *number};
}

}  // namespace bastion
