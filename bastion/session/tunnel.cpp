#include "bastion/session/tunnel.h"

#include <utility>

#include "bastion/upstream/container_reach.h"

namespace bastion::session {

Tunnel::Tunnel(Place place, connection::ChannelOffer offer) : place_(std::move(place)), offer_(std::move(offer)) {}

void Tunnel::start(access::ThroughTheHops way) {
  name_ = way.name;
  container_ = way.container;
  task_ = dig(std::move(way));
  task_.start({});
}

Task<std::expected<upstream::Reached, End>> Tunnel::reach(access::ThroughTheHops way) {
  constexpr auto kUse = upstream::Use::anything;
  if (!way.command.empty()) {
    return reach_by_command(place_.credentials, place_.hops, std::move(way.hops), kUse, std::move(way.command));
  }
  End unreachable{way.unreachable, way.name, {}};
  return upstream::reach(place_.credentials, place_.hops, std::move(way.hops), kUse, std::move(way.to),
                         std::move(unreachable));
}

Task<void> Tunnel::dig(access::ThroughTheHops way) {
  auto reached = co_await reach(std::move(way));
  if (!reached) {
    offer_.refuse(connection::OpenFailureCode::connect_failed, place_.explain(reached.error()));
    place_.on_over(*this);
    co_return;
  }
  far_ = std::move(reached->stream);
  near_ = offer_.accept();
  splice_.emplace(*near_, *far_, [this] { place_.on_over(*this); });
  splice_->start();
}

}  // namespace bastion::session
