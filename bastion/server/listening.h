// The sockets that this process accepts on: those of socket units, or of the process that served before, or its own.
#pragma once

#include <memory>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/result.h"
#include "bastion/loop/listener.h"
#include "bastion/server/acceptor.h"
#include "bastion/server/supervisor_channel.h"

namespace bastion::server {

class Listening {
 public:
  // Both outlive it.
  Listening(loop::Loop& loop, Acceptor& acceptor) : loop_(loop), acceptor_(acceptor) {}

  // With sockets of socket units, on those; otherwise where `configured` says. The error names the address, or says
  // that this machine has none of them.
  [[nodiscard]] Result<> begin(SupervisorChannel::Beginning beginning, const std::vector<Endpoint>& configured);
  // Whoever waits to be accepted is.
  void take_rest();
  void end() { listeners_.clear(); }
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  [[nodiscard]] Result<> open(SupervisorChannel::Beginning& beginning, const Endpoint& address);
  [[nodiscard]] loop::Listener::OnConnection taken() const;

  loop::Loop& loop_;
  Acceptor& acceptor_;
  std::vector<std::unique_ptr<loop::Listener>> listeners_;
};

}  // namespace bastion::server
