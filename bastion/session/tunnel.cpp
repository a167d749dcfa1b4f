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
  // Nobody may listen at another port of it, whatever its backend is like.
  if (way.container && way.container->port == way.to.port) {
    return reach_behind(place_.credentials, place_.hops, std::move(way.hops), kUse,
                        {way.container->backend, std::move(way.to)}, std::move(unreachable));
  }
  return upstream::reach(place_.credentials, place_.hops, std::move(way.hops), kUse, std::move(way.to),
                         std::move(unreachable));
}

// Whose sshd it is the user's own client sees, by the host key.
Task<std::expected<upstream::Reached, End>> Tunnel::reach_where_it_is(access::ThroughTheHops way) {
  auto reached = co_await reach(way);
  if (reached || !way.container || !follow::may_be_elsewhere(reached.error())) co_return reached;
  auto now = new_way(way);
  if (!now) {
    const bool is_asked = co_await place_.following.ask(way, reached.error());
    if (is_asked) now = new_way(way);
  }
  if (!now) co_return reached;
  container_ = now->container;
  place_.on_moved(*now);
  co_return co_await reach(*std::move(now));
}

std::optional<access::ThroughTheHops> Tunnel::new_way(const access::ThroughTheHops& way) const {
  auto now = place_.find();
  const bool is_another = now && now->container && now->container->container == way.container->container &&
                          !follow::is_same_place(*now, way);
  return is_another ? std::move(now) : std::nullopt;
}

Task<void> Tunnel::dig(access::ThroughTheHops way) {
  auto reached = co_await reach_where_it_is(std::move(way));
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
