// The unix sockets at which this process is asked by others of its machine: `bastion admin`, and the other processes
// that serve. What cannot be had is said in the log, and the bastion serves without it.
#pragma once

#include <filesystem>
#include <memory>

#include "bastion/admin/local_endpoint.h"
#include "bastion/admin/peer_endpoint.h"
#include "bastion/admin/peer_figures.h"
#include "bastion/admin/site.h"
#include "bastion/config/state_dir.h"
#include "bastion/server/server_id.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class LocalEndpoints {
 public:
  // All of it outlives this.
  struct Place {
    loop::Loop& loop;
    const admin::Site& site;
    admin::Runtime& here;  // this process alone
    admin::PeerFiguresKeeper& figures;
  };
  explicit LocalEndpoints(const Place& place) : place_(place) {}

  // The process before keeps its own, for whoever waits there for an answer; their name leads here now.
  void open(const config::StateDir& state, const ServerId& id);
  void close();
  // Somebody is in the middle of a command.
  [[nodiscard]] bool is_busy() const { return commands_ && commands_->is_busy(); }

 private:
  Place place_;
  std::unique_ptr<admin::LocalEndpoint> commands_;
  std::unique_ptr<admin::PeerEndpoint> peers_;
};

}  // namespace bastion::server
