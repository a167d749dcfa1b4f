#include "bastion/upstream/keepalive.h"

#include <utility>

namespace bastion::upstream {

Keepalive::Keepalive(loop::Loop& loop, std::chrono::seconds interval, int count, Peer peer, Carrier carrier)
    : peer_(std::move(peer)), carrier_(std::move(carrier)), silence_(count), timer_(loop, [this] { on_time(); }) {
  timer_.repeat(interval);
}

void Keepalive::on_time() {
  if (peer_.paused && peer_.paused()) return silence_.forgive();
  Silence::Heard heard{.peer = peer_.heard()};
  if (carrier_.heard) heard.carrier = carrier_.heard();
  switch (silence_.tick(heard)) {
    case Silence::Verdict::fine: return;
    case Silence::Verdict::ask_carrier_too: carrier_.ask(); [[fallthrough]];
    case Silence::Verdict::ask: return peer_.ask();
    case Silence::Verdict::give_up: break;
  }
  timer_.stop();
  const auto give_up = peer_.give_up;  // a copy, because it may destroy us
  give_up();
}

}  // namespace bastion::upstream
