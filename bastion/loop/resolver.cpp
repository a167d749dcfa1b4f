#include "bastion/loop/resolver.h"

#include <fmt/format.h>
#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bastion::loop {
namespace {

std::unexpected<ConnectError> unresolved(const Endpoint& address, std::string_view why) {
  return std::unexpected(ConnectError{{fmt::format("{} cannot be resolved: {}", address.host, why)}});
}

// Blocks for as long as the name servers take.
Resolver::Answer look_up(const Endpoint& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address.port);
  errno = 0;
  const int status = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  // Without a descriptor glibc says that the name servers do not answer.
  if (status != 0 && is_exhaustion(errno)) return std::unexpected(exhausted());
  if (status != 0) {
    return unresolved(address, status == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(status));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, ::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    auto& one = addresses.emplace_back();
    std::memcpy(&one.storage, entry->ai_addr, entry->ai_addrlen);
    one.size = entry->ai_addrlen;
  }
  return addresses;
}

}  // namespace

Resolver::Resolver(Loop& loop, Executor& names, const Endpoint& address) {
  if (const auto numeric = socket_address_of(address)) {
    answer_.set(std::vector{*numeric});
    return;
  }
  looking_.emplace(
      loop, names,
      [this, address]() -> Work::Then {
        return [this, answer = look_up(address)]() mutable { answer_.set(std::move(answer)); };
      },
      [this, address](const Error& why) { answer_.set(unresolved(address, why.text)); });
}

}  // namespace bastion::loop
