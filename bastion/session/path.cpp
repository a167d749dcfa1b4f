#include "bastion/session/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "bastion/base/log.h"
#include "bastion/follow/following.h"
#include "bastion/loop/loop.h"
#include "bastion/session/session.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/container_reach.h"

namespace bastion::session {

// Where she opens something that leads elsewhere, a raw tunnel or nothing at all, her container is never asked for:
// openings.cpp.
Task<> walk(Session& session) {
  for (;;) {
    co_await session.connect_requests_.next();
    const auto led = co_await session.lead_in();
    if (!led) session.observe(&Observer::on_not_led_in, led.error());
    if (!led && session.fall_short(led.error())) session.left_without(led.error());
  }
}

Task<std::expected<void, End>> Session::lead_in() {
  auto route = co_await choose_route();
  if (!route) co_return std::unexpected(route.error());
  route_ = *std::move(route);
  observe(&Observer::on_led, route_->full_name, route_->hops);

  if (route_->presents == store::Presented::agent && !offers_agent_) {
    co_await await_agent();
    if (!offers_agent_) co_return std::unexpected(End{Reason::container_wants_agent, route_->container_name, {}});
  }
  const auto waits = awakening();
  std::function<Task<Awakening::In>()> in = [this] { return go_in_where_it_is(); };
  co_return co_await waits.enter(std::move(in));
}

Awakening Session::awakening() {
  return {.loop = place_.credentials.loop,
          .hops = place_.hops,
          .wakes = place_.wakes,
          .alarm = end_ ? nullptr : place_.alarm,
          .route = *route_,
          .asker = {.user = identity_.name,
                    .key_fingerprint = access::name_of(identity_.credential),
                    .from_host = arrival_.from_host,
                    .session = arrival_.id},
          .say = [this](const std::string& line) { relay_.say(line, connection::Relay::Audience::sessions); }};
}

// A host key that was known before counts there too: whoever says where it is cannot say who it is.
Task<std::expected<void, End>> Session::go_in_where_it_is() {
  auto in = co_await go_in();
  if (in || end_ || !follow::may_be_elsewhere(in.error())) co_return in;
  auto now = new_route();
  if (!now) {
    const follow::Following following{place_.credentials.loop, place_.sources, place_.sightings, place_.lookout};
    const bool is_asked = co_await following.ask(*route_, in.error());
    if (is_asked && !end_) now = new_route();
  }
  if (!now) co_return in;
  route_ = *std::move(now);
  observe(&Observer::on_led, route_->full_name, route_->hops);
  log::info("container is looked for where it has moved id={} container={} at={}", arrival_.id, route_->full_name,
            route_->place());
  relay_.say(fmt::format("bastion: {} has moved; going where it is now", route_->container_name),
             connection::Relay::Audience::sessions);
  co_return co_await go_in();
}

std::optional<access::Route> Session::new_route() const {
  auto route = look_up_route();
  if (!route || route->container != route_->container || follow::is_same_place(*route, *route_)) return std::nullopt;
  return *std::move(route);
}

Task<std::expected<void, End>> Session::go_in() {
  auto in = co_await go_in_once();
  if (in || end_ || !upstream::is_worth_another_hop(in.error(), hop_)) co_return in;
  co_return co_await go_in_once();
}

Task<std::expected<void, End>> Session::go_in_once() {
  auto began = loop::Loop::instant();
  auto reached = co_await reach_container(place_.credentials, place_.hops, *route_, use_);
  if (!reached) co_return std::unexpected(reached.error());
  hop_ = reached->hop;
  began = end_phase(Phase::hops, began);

  auto peer = upstream::peer_of_container(*route_, fmt::format("{}@bastion {}", identity_.name, arrival_.id));
  peer.hear = [this](const std::string& lines) { relay_.say(lines, connection::Relay::Audience::sessions); };
  if (route_->presents == store::Presented::agent) peer.agent = user_agent();
  auto in = co_await log_in(place_.credentials, std::move(reached->stream), std::move(peer));
  if (!in) co_return std::unexpected(blame(in.error(), hop_));
  end_phase(Phase::container_login, began);
  if (!in->said.empty())
    log::info("container says id={} container={} text={:?}", arrival_.id, route_->full_name, in->said);
  relay_to(std::move(in->session));
  co_return {};
}

// Where she has several containers and named none, the menu in one of her sessions may be asking her right now.
Task<std::expected<access::Route, End>> Session::choose_route() {
  if (found_route_) co_return *std::exchange(found_route_, std::nullopt);
  auto route = look_up_route();
  if (route || route.error().reason != Reason::no_default_container) co_return route;
  await_choice(route.error());
  co_await choices_.next();
  co_return look_up_route();
}

// A client asks for what leads to the container before it opens the session in which it offers the agent (ssh -A -R).
Task<> Session::await_agent() {
  awaits_agent_ = true;
  deadline_.start(std::max(opening_until_ - place_.credentials.loop.now(), std::chrono::milliseconds::zero()));
  co_await agents_.next();
}

upstream::UserAgent Session::user_agent() {
  return {.open = [this] { return relay_.open_agent(); },
          .first = access::name_of(identity_.credential),
          .tell = [this](const std::string& line) { relay_.say(line, connection::Relay::Audience::sessions); }};
}

std::expected<access::Route, End> Session::look_up_route() const {
  const auto began = loop::Loop::instant();
  auto route = place_.lookup.route(identity_, target_);
  if (route) end_phase(Phase::route, began);
  return route;
}

std::chrono::microseconds Session::end_phase(Phase phase, std::chrono::microseconds began) const {
  const auto now = loop::Loop::instant();
  observe(&Observer::on_phase, phase, now - began);
  return now;
}

}  // namespace bastion::session
