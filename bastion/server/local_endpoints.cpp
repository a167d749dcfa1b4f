#include "bastion/server/local_endpoints.h"

#include <expected>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/setup/key_files.h"

namespace bastion::server {

void LocalEndpoints::open(const config::StateDir& state, const ServerId& id) {
  auto commands = admin::LocalEndpoint::open(place_.loop, place_.site, state.admin_socket());
  if (commands) {
    commands_ = *std::move(commands);
  } else {
    log::warning("`bastion admin` cannot see sessions: {}", commands.error().text);
  }
  const auto made = setup::make_private_folder(state.peer_folder());
  auto peers =
      made ? admin::PeerEndpoint::open(place_.loop, place_.here, place_.figures, state.peer_folder() / id.text())
           : std::unexpected(made.error());
  if (peers) {
    peers_ = *std::move(peers);
  } else {
    log::warning("after an upgrade commands cannot see the sessions of before: {}", peers.error().text);
  }
}

void LocalEndpoints::close() {
  commands_.reset();
  peers_.reset();
}

}  // namespace bastion::server
