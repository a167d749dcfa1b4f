// What the user opens, and where it leads: into her container, through the hops to another one, to the bastion itself
// (own_endpoints.cpp), nowhere.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <utility>

#include "bastion/access/forced_command.h"
#include "bastion/access/permission.h"
#include "bastion/access/target.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/connection/refusal.h"
#include "bastion/loop/loop.h"
#include "bastion/session/errand.h"
#include "bastion/session/key_copy.h"
#include "bastion/session/session.h"

namespace bastion::session {
namespace {

using connection::ChannelOpen;
using connection::ChannelRequest;
using connection::GlobalRequest;
using connection::Pass;
using connection::Refuse;
using connection::Replace;
using connection::Serve;
using connection::SessionStart;
using connection::Side;

// As a shell has it for a program that was interrupted.
constexpr std::uint32_t kInterruptedStatus = 130;
constexpr std::size_t kMaxTunnelled = 256;
// A container that goes on and on is not to fill the log.
constexpr int kMaxUnasked = 8;

std::optional<Endpoint> endpoint_of(const ChannelOpen& open) {
  const auto to = connection::parse_direct_tcpip(open);
  if (!to || to->port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return Endpoint{to->host, static_cast<std::uint16_t>(to->port)};
}

// What a session is for is said when it is open, which is too late to choose a hop by. But OpenSSH and PuTTY ask for
// smaller packets where there is a terminal.
upstream::Use use_of(const ChannelOpen& session) {
  constexpr std::uint32_t kPacketOfTerminal = 16 * 1024;
  return session.max_packet <= kPacketOfTerminal ? upstream::Use::terminal : upstream::Use::anything;
}

std::string joined_lines(std::string one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : std::move(one) + "\n" + other;
}

// As ctime(3) has it, in UTC.
std::string time_of_login(std::int64_t at) {
  return fmt::format("{:%a %b %e %H:%M:%S %Y}", fmt::gmtime(static_cast<std::time_t>(at)));
}

}  // namespace

Refuse Session::refuse(std::string_view what, const std::string& why) const {
  log::info("refused id={} user={} what={} why={:?}", arrival_.id, identity_.name, what, why);
  return {for_user(why)};
}

std::variant<Pass, Refuse, Serve> Session::on_open(Side from, const ChannelOpen& open) {
  if (const auto why = objection(identity_.policy, open)) return refuse(open.type, *why);
  if (from == Side::container) return Pass{};
  if (open.type == "session") {
    use_ = use_of(open);
    if (has_own_door()) set_out();
    return has_own_door() || lacks_container() || wants_agent() ? std::variant<Pass, Refuse, Serve>(Serve{}) : Pass{};
  }
  if (open.type != "direct-tcpip") return Pass{};
  const auto wanted = endpoint_of(open);
  if (!wanted) return Pass{};  // the container has the words for what is wrong with it
  offered_window_.reset();
  if (is_for_window(*wanted)) {
    if (!has_own_door()) return refuse(open.type, "the window is not for a key that is bound to a command");
    offered_window_ = wanted->text();
    return Serve{};
  }
  auto destination = place_.lookup.destination(identity_, target_, *wanted);
  if (!destination) return refuse(open.type, destination.error().text);
  if (std::holds_alternative<access::Inside>(*destination)) return Pass{};
  offered_way_ = OfferedWay{*wanted, std::get<access::ThroughTheHops>(*std::move(destination))};
  return Serve{};
}

std::optional<access::ThroughTheHops> Session::way_to(const Endpoint& wanted) {
  auto destination = place_.lookup.destination(identity_, target_, wanted);
  if (!destination || !std::holds_alternative<access::ThroughTheHops>(*destination)) return std::nullopt;
  return std::get<access::ThroughTheHops>(*std::move(destination));
}

void Session::on_unasked_open(const ChannelOpen& open) {
  if (++unasked_ > kMaxUnasked) return;
  constexpr std::string_view kWhy = "the container opened it and nobody had asked for it";
  log::info("refused id={} user={} container={} what={} why={:?}{}", arrival_.id, identity_.name, route_->full_name,
            log_value(open.type), kWhy, unasked_ == kMaxUnasked ? " (the next ones are not logged)" : "");
}

void Session::on_channel_offer(const ChannelOpen& /*open*/, connection::ChannelOffer offer) {
  if (offered_window_) return open_window(std::move(offer));
  auto [wanted, way] = *std::exchange(offered_way_, std::nullopt);
  note_tunnel(way);
  auto& tunnel = *tunnels_.emplace_back(std::make_unique<Tunnel>(
      Tunnel::Place{.credentials = place_.credentials,
                    .hops = place_.hops,
                    .following = {place_.credentials.loop, place_.sources, place_.sightings, place_.lookout},
                    .find = [this, where = std::move(wanted)] { return way_to(where); },
                    .on_moved =
                        [this](const access::ThroughTheHops& now) {
                          log::info("tunnel goes where its container has moved id={} container={} at={}", arrival_.id,
                                    now.name, now.to.text());
                          note_tunnel(now);
                        },
                    .explain = [this](const End& end) { return explain(end); },
                    .on_over = [this](const Tunnel& over) { close_tunnel(over); }},
      std::move(offer)));
  watch_over(tunnel);
  tunnel.start(std::move(way));
}

void Session::note_tunnel(const access::ThroughTheHops& way) {
  const auto where = fmt::format("{} at {}", way.name, way.to.text());
  if (tunnelled_.size() >= kMaxTunnelled || !tunnelled_.insert(where).second) return;
  observe(&Observer::on_tunnel, identity_, where);
  if (!route_ && tunnelled_.size() == 1) observe(&Observer::on_led, way.name, way.hops);
}

void Session::close_tunnel(const Tunnel& tunnel) {
  const auto found = std::ranges::find(tunnels_, &tunnel, &std::unique_ptr<Tunnel>::get);
  if (found == tunnels_.end()) return;
  place_.credentials.loop.defer_delete(std::move(*found));
  tunnels_.erase(found);
}

std::string Session::explain(const End& end) const {
  log::info("tunnel failed id={} user={} reason={} subject={} detail={:?}", arrival_.id, identity_.name,
            code_of(end.reason), end.subject, end.detail);
  return for_user(sentence_of(end));
}

std::optional<Refuse> Session::on_global_request(const GlobalRequest& request) {
  if (const auto why = objection(identity_.policy, request)) return refuse(request.name, *why);
  return std::nullopt;
}

std::variant<Pass, Refuse, Replace> Session::on_session_request(const ChannelRequest& request,
                                                                connection::Attached to) {
  if (const auto why = objection(identity_.policy, request)) return refuse(request.type, *why);
  if (const auto variable = connection::parse_variable(request); variable && is_ours(variable->first)) {
    return refuse(request.type, fmt::format("{} is set by the bastion", variable->first));
  }
  if (request.type == "auth-agent-req@openssh.com") note_agent();
  if (!connection::starts_session(request)) return Pass{};
  const auto asked = connection::parse_start(request);
  if (!asked) return refuse(request.type, "the request is malformed");
  auto filter = inspection_.filter_for(*asked);
  if (!filter) return refuse(request.type, filter.error().text);
  const bool at_terminal = to == connection::Attached::terminal;
  if (!identity_.policy.command) {
    // Of a session that was led on already: the client has started it twice.
    if (errand_of(*asked)) return refuse(request.type, "a session is started once");
    if (const auto why = inspection_.objection(at_terminal)) return refuse("session", *why);
    return Pass{.notice = joined_lines(inspection_.notice(at_terminal), notice_of(*asked)),
                .at_terminal = asked->kind == SessionStart::Kind::shell ? greeting() : std::string{},
                .filter = *std::move(filter)};
  }
  auto instead = access::forced(*identity_.policy.command, *asked);
  if (!instead) return refuse(request.type, instead.error().text);
  if (const auto why = inspection_.objection(at_terminal)) return refuse("session", *why);
  return Replace{.start = *std::move(instead), .notice = inspection_.notice(at_terminal), .filter = *std::move(filter)};
}

std::unique_ptr<connection::ChannelObserver> Session::observer_of(connection::Side opener,
                                                                  const connection::ChannelOpen& open) {
  const bool is_session = opener == connection::Side::user && open.type == "session";
  return is_session ? inspection_.observer_of_session() : nullptr;
}

// Of habits that do something in her container and are often meant for the bastion.
std::string Session::notice_of(const SessionStart& start) const {
  if (copies_key(start)) return for_user(place_.settings.own_keys ? kKeyIsTheContainersAndOurs : kKeyIsTheContainers);
  if (!sets_password(start)) return {};
  const bool is_ours_too = place_.settings.own_passwords && names(identity_.needs, Factor::password);
  return for_user(is_ours_too ? kPasswordIsTheContainersAndOurs : kPasswordIsTheContainers);
}

// As sshd has it: where she was last seen, and the message of the day.
std::string Session::greeting() const {
  std::string text;
  if (place_.settings.last_login) {
    const auto last = place_.lookup.last_login(identity_, arrival_.id);
    if (last) text = fmt::format("Last login: {} from {}\n", time_of_login(last->at), last->from_host);
  }
  if (place_.settings.motd) text += *place_.settings.motd;
  return text;
}

bool Session::is_ours(std::string_view variable) const {
  return !variable.empty() && variable == place_.settings.client_env;
}

std::optional<End> Session::lacks_container() {
  if (route_ || found_route_) return std::nullopt;
  auto route = look_up_route();
  if (route) {
    found_route_ = *std::move(route);
    return std::nullopt;
  }
  const auto why = route.error().reason;
  return why == Reason::no_container || why == Reason::no_default_container ? std::optional(route.error())
                                                                            : std::nullopt;
}

bool Session::wants_agent() const {
  if (container_) return false;
  const auto& route = found_route_ ? found_route_ : route_;
  return route && route->presents == store::Presented::agent;
}

// Whoever waits for it goes on by itself: this comes from inside a call of the relay.
void Session::note_agent() {
  offers_agent_ = true;
  if (awaits_agent_ && !end_) deadline_.start(std::chrono::milliseconds::zero());
}

void Session::refuse_without_agent(connection::SessionOffer& offer) {
  const End why{Reason::container_wants_agent, (found_route_ ? found_route_ : route_)->container_name, {}};
  if (relay_.served() == 0) return finish(why);
  offer.refuse(for_user(sentence_of(why)), exit_status_of(why.reason));
}

// The session has no container to go to yet. At a terminal she is asked; elsewhere she reads how to say it.
void Session::on_session_offer(connection::SessionOffer offer) {
  if (lead_to_endpoint(offer)) return;
  const auto why = lacks_container();
  if (!why && wants_agent() && !offers_agent_) return refuse_without_agent(offer);
  // With a shell she would be in the console.
  const bool is_command = offer.start().kind == SessionStart::Kind::command;
  if (why && why->reason == Reason::no_container && is_command && may_administrate()) {
    const auto hint = fmt::format(
        "you have no container; what is for the bastion itself needs -s and admin: ssh -s {}@... admin help",
        identity_.name);
    return offer.refuse(for_user(hint), exit_status_of(why->reason));
  }
  if (!why || why->reason == Reason::no_container) return offer.pass();
  if (offer.start().terminal && offer.start().kind == SessionStart::Kind::shell && !menu_) {
    deadline_.stop();
    menu_ = std::make_unique<Menu>(offer.serve(Menu::kWindow), place_.lookup.choices(identity_), identity_.name,
                                   [this](const std::optional<std::string>& name) { on_choice(name); });
    return menu_->start();
  }
  if (relay_.served() == 0) return finish(*why);
  offer.refuse(for_user(sentence_of(*why)), exit_status_of(why->reason));
}

void Session::on_choice(const std::optional<std::string>& name) {
  auto menu = std::exchange(menu_, nullptr);
  const bool awaited = awaits_choice_.has_value();
  if (!name) {
    menu->session().exit(kInterruptedStatus);
    if (awaited) finish(*awaits_choice_);
  } else if (const auto chosen = access::parse_target(identity_.name + "+" + *name)) {
    target_ = *chosen;
    awaits_choice_.reset();
    menu->session().pass();
    if (awaited) choices_.push({});
  }
  place_.credentials.loop.defer_delete(std::move(menu));
}

}  // namespace bastion::session
