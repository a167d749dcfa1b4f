#include "bastion/login/keepalive.h"

#include <utility>

namespace bastion::login {

Keepalive::Keepalive(loop::Loop& loop, std::chrono::seconds interval, int patience, Peer peer)
    : patience_(patience), peer_(std::move(peer)), timer_(loop, [this] { on_time(); }) {
  timer_.repeat(interval);
}

void Keepalive::on_time() {
  const auto heard = peer_.heard();
  if (std::exchange(heard_, heard) != heard) {
    unanswered_ = 0;
    return;
  }
  if (unanswered_++ < patience_) return peer_.ask();
  timer_.stop();
  const auto give_up = peer_.give_up;  // a copy, because it may destroy us
  give_up();
}

}  // namespace bastion::login
