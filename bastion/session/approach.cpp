#include "bastion/session/approach.h"

#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/container_reach.h"

namespace bastion::session {

Approach::Approach(Place place, access::Route route, upstream::Use use, upstream::Peer peer)
    : place_(std::move(place)), route_(std::move(route)), use_(use), way_(walk(std::move(peer))) {
  way_.start([this] { over_.set({}); });
}

Task<std::expected<Approach::In, End>> Approach::walk(upstream::Peer peer) {
  auto in = co_await walk_once(peer);
  if (in || !upstream::is_worth_another_hop(in.error(), hop_)) co_return in;
  co_return co_await walk_once(peer);
}

Task<std::expected<Approach::In, End>> Approach::walk_once(const upstream::Peer& peer) {
  auto began = loop::Loop::instant();
  auto reached = co_await upstream::reach_container(place_.credentials, place_.hops, route_, use_);
  if (!reached) co_return std::unexpected(reached.error());
  hop_ = reached->hop;
  place_.on_phase(Phase::hops, loop::Loop::instant() - began);

  began = loop::Loop::instant();
  auto asked_for = peer;
  asked_for.threshold = &threshold_;
  auto in = co_await upstream::log_in(place_.credentials, std::move(reached->stream), std::move(asked_for));
  if (!in) co_return std::unexpected(upstream::blame(in.error(), hop_));
  place_.on_phase(Phase::container_login, loop::Loop::instant() - began - threshold_.waited);
  co_return In{.session = std::move(in->session), .hop = hop_, .said = std::move(in->said)};
}

}  // namespace bastion::session
