#include "bastion/session/tunnel.h"

#include <utility>

namespace bastion::session {

Tunnel::Tunnel(Place place, connection::ChannelOffer offer) : place_(std::move(place)), offer_(std::move(offer)) {}

void Tunnel::start(access::ThroughTheHops way) {
  name_ = way.name;
  container_ = way.container;
  task_ = dig(std::move(way));
  task_.start({});
}

Task<void> Tunnel::dig(access::ThroughTheHops way) {
  End unreachable{way.unreachable, way.name, {}};
  auto reached = co_await reach(place_.credentials, place_.hops, std::move(way.hops), upstream::Use::anything,
                                std::move(way.to), std::move(unreachable));
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
