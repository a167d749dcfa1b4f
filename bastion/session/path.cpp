#include "bastion/session/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "bastion/base/log.h"
#include "bastion/follow/following.h"
#include "bastion/loop/loop.h"
#include "bastion/session/session.h"
#include "bastion/upstream/client_login.h"

namespace bastion::session {
namespace {

// For her to say what a session is for, before the way to her container is given up that was begun meanwhile.
constexpr std::chrono::seconds kWithin{5};

bool is_same_way(const access::Route& one, const access::Route& other) {
  return follow::is_same_place(one, other) && one.hops == other.hops && one.container == other.container &&
         one.account == other.account && one.is_legacy == other.is_legacy && one.presents == other.presents;
}

}  // namespace

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

// One that was begun when she opened a session is gone on with.
Task<std::expected<void, End>> Session::go_in() {
  auto way = std::exchange(ahead_, nullptr);
  if (way && !is_same_way(way->route(), *route_)) place_.credentials.loop.defer_delete(std::move(way));
  if (!way) way = approach(*route_);
  way->go_in();
  co_await way->over();
  auto in = way->take();
  place_.credentials.loop.defer_delete(std::move(way));
  if (!in) co_return std::unexpected(in.error());
  hop_ = in->hop;
  if (!in->said.empty())
    log::info("container says id={} container={} text={:?}", arrival_.id, route_->full_name, in->said);
  relay_to(std::move(in->session));
  co_return {};
}

std::unique_ptr<Approach> Session::approach(const access::Route& route) {
  auto peer = upstream::peer_of_container(route, fmt::format("{}@bastion {}", identity_.name, arrival_.id));
  peer.hear = [this](const std::string& lines) { relay_.say(lines, connection::Relay::Audience::sessions); };
  if (route.presents == store::Presented::agent) peer.agent = user_agent();
  return std::make_unique<Approach>(Approach::Place{.credentials = place_.credentials,
                                                    .hops = place_.hops,
                                                    .on_phase =
                                                        [this](Phase phase, std::chrono::microseconds took) {
                                                          observe(&Observer::on_phase, phase, took);
                                                        }},
                                    route, use_, std::move(peer));
}

// Her client says what a session is for when it has heard that it is open. Until then nobody knows whether it is for
// the container, and nothing that goes wrong there is said.
void Session::set_out() {
  if (end_ || container_ || ahead_ || route_ || may_administrate()) return;
  if (lacks_container() || !found_route_ || wants_agent()) return;
  if (!place_.detours.may_set_out(identity_.user, place_.credentials.loop.now())) return;
  ahead_ = approach(*found_route_);
  set_out_until_.start(kWithin);
}

// What was found is looked up again when it is needed.
void Session::turn_back() {
  if (!ahead_) return;
  place_.credentials.loop.defer_delete(std::exchange(ahead_, nullptr));
  found_route_.reset();
  place_.detours.note(identity_.user, place_.credentials.loop.now());
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
