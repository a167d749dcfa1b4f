#include "bastion/server/listening.h"

#include <utility>

#include "bastion/base/log.h"

namespace bastion::server {

Result<> Listening::begin(SupervisorChannel::Beginning beginning, const std::vector<Endpoint>& configured) {
  for (auto& socket : beginning.activated) {
    listeners_.push_back(loop::Listener::adopt(loop_, std::move(socket), taken()));
    log::info("listening on {}, which a socket unit has opened", listeners_.back()->text());
  }
  if (!listeners_.empty()) return {};
  for (const auto& address : configured) {
    if (auto opened = open(beginning, address); !opened) return opened;
  }
  if (listeners_.empty()) return fail("there is no address to listen on");
  return {};
}

// Whoever waits in a socket of the process before to be accepted is not refused.
Result<> Listening::open(SupervisorChannel::Beginning& beginning, const Endpoint& address) {
  for (auto& socket : beginning.listeners) {
    if (!loop::Listener::is_for(socket.get(), address)) continue;
    listeners_.push_back(loop::Listener::adopt(loop_, std::exchange(socket, loop::Descriptor()), taken()));
    return {};
  }
  if (!loop::Listener::is_possible(address)) {
    log::warning("not listening on {}: this machine has no such addresses", address.text());
    return {};
  }
  auto listener = loop::Listener::open(loop_, address, taken());
  if (!listener) return std::unexpected(listener.error());
  log::info("listening on {}", (*listener)->bound().text());
  listeners_.push_back(*std::move(listener));
  return {};
}

void Listening::take_rest() {
  for (const auto& listener : listeners_) listener->take_rest();
}

std::vector<int> Listening::descriptors() const {
  std::vector<int> sockets;
  sockets.reserve(listeners_.size());
  for (const auto& listener : listeners_) sockets.push_back(listener->descriptor());
  return sockets;
}

loop::Listener::OnConnection Listening::taken() const {
  return [this](loop::Descriptor connection, const Endpoint& from) { acceptor_.take(std::move(connection), from); };
}

}  // namespace bastion::server
