#include "bastion/base/local_address.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/base/network.h"

namespace bastion {
namespace {

constexpr std::string_view kUnix = "unix:";

bool is_loopback(std::string_view host) {
  static const std::array loopback{Network::parse("127.0.0.0/8"), Network::parse("::1")};
  const auto address = address_of(host);
  return address && std::ranges::any_of(loopback, [&](const auto& network) { return network->contains(*address); });
}

}  // namespace

Result<LocalAddress> LocalAddress::parse(std::string_view text) {
  if (text.starts_with(kUnix)) {
    const std::filesystem::path file(text.substr(kUnix.size()));
    if (!file.is_absolute() || !file.has_filename()) return fail("a unix socket is an absolute path");
    return LocalAddress{.unix_socket = file};
  }
  auto port = parse_endpoint(text, std::nullopt);
  if (!port) return std::unexpected(std::move(port.error()));
  if (!is_loopback(port->host)) {
    return fail("{} is no address that only this machine reaches: 127.0.0.1 and ::1 are", port->host);
  }
  return LocalAddress{.port = *std::move(port)};
}

std::string LocalAddress::text() const {
  return unix_socket.empty() ? port.text() : std::string(kUnix) + unix_socket.string();
}

}  // namespace bastion
