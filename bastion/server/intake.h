// How connections come in: what is listened on, what the accept stage looks at, and where they wait until the entrance
// lets them in.
#pragma once

#include <functional>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/loop/descriptor.h"
#include "bastion/server/acceptor.h"
#include "bastion/server/entrance.h"
#include "bastion/server/listening.h"
#include "bastion/server/proxy_header.h"
#include "bastion/server/supervisor_channel.h"
#include "bastion/server/waiting_room.h"
#include "bastion/session/path.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

// Belongs to the main thread.
class Intake {
 public:
  // `loop` and `entrance` outlive it. `on_admitted` is given whom the entrance lets in.
  Intake(loop::Loop& loop, Entrance& entrance, const config::Config& config, WaitingRoom::OnAdmitted on_admitted);
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // As Listening has it.
  [[nodiscard]] Result<> begin(SupervisorChannel::Beginning beginning, const std::vector<Endpoint>& configured) {
    return listening_.begin(std::move(beginning), configured);
  }
  [[nodiscard]] std::vector<int> descriptors() const { return listening_.descriptors(); }
  void apply(const config::Config& config) { proxy_header_.trust(config.proxy_protocol); }

  // Whoever waits to be accepted is; nobody after that.
  void end_with_rest();
  // Nobody is accepted any more. Whoever was goes on coming in.
  void end() { listening_.end(); }
  // Nobody is on the way in, strangers that were let in included.
  [[nodiscard]] bool is_empty() const;

 private:
  Entrance& entrance_;
  WaitingRoom waiting_room_;
  ProxyHeader proxy_header_;
  Acceptor acceptor_;
  Listening listening_;
};

}  // namespace bastion::server
