#include "bastion/server/intake.h"

#include <utility>

namespace bastion::server {

Intake::Intake(loop::Loop& loop, Entrance& entrance, const config::Config& config, WaitingRoom::OnAdmitted on_admitted)
    : entrance_(entrance),
      waiting_room_(loop, entrance, {}, std::move(on_admitted)),
      proxy_header_(config.proxy_protocol),
      acceptor_(loop, &proxy_header_, {},
                {.on_accepted =
                     [this](loop::Descriptor connection, const AcceptStage::Pass& pass) {
                       waiting_room_.take(std::move(connection), pass.from, pass.is_check);
                     },
                 .on_dropped = [this](const Endpoint& peer) { entrance_.turned_away(peer); }}),
      listening_(loop, acceptor_) {}

void Intake::end_with_rest() {
  listening_.take_rest();
  listening_.end();
}

bool Intake::is_empty() const {
  return acceptor_.waiting() == 0 && waiting_room_.waiting() == 0 && entrance_.strangers() == 0;
}

}  // namespace bastion::server
