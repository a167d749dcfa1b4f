// Whether the user may stay: the limits in time of the session, and what the store says about her when it has changed.
#include <algorithm>
#include <utility>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/session/session.h"

namespace bastion::session {
namespace {

using connection::Relay;

// When the store could not be read.
constexpr std::int64_t kAgainAfter = 1;

// A store that cannot be read throws nobody out.
bool is_doubtful(const End& end, const access::Identity& who) {
  if (end.reason != Reason::internal) return false;
  log::error("the store cannot tell whether somebody may stay: user={} detail={:?}", who.name, end.detail);
  return true;
}

}  // namespace

void Session::begin_reauthorization() {
  session_timer_.emplace(place_.credentials.loop, identity_.limits,
                         SessionTimer::Subject{.moved = [this] { return moved(); },
                                               .warn = [this](const std::string& warning) { warn(warning); },
                                               .finish = [this](End end) { finish(std::move(end)); }});
  Reauthorizer::Subject& here = *this;
  watch_.emplace(place_.reauthorizer, here, identity_.until);
  look_again();  // nobody has watched since she was admitted
  ask_for_keys_again();
}

void Session::ask_for_keys_again() {
  auto printed = printed_of(identity_);
  const auto every = place_.settings.authorized_keys_again;
  if (printed.empty() || place_.external_keys == nullptr || every == std::chrono::seconds::zero()) return;
  still_printed_.emplace(
      StillPrinted::Place{.loop = place_.credentials.loop,
                          .keys = *place_.external_keys,
                          .every = every,
                          .on_gone = [this] { finish({Reason::key_removed, {}, "it is printed no more"}); }},
      identity_.name, std::move(printed));
}

void Session::warn(std::string_view sentence) {
  if (!end_) relay_.say(for_user(sentence), Relay::Audience::terminals);
}

void Session::look_again() {
  const auto until = recheck(unix_now());
  if (watch_) watch_->renew(until);
}

void Session::watch_over(const Tunnel& tunnel) {
  if (!tunnel.container() || !watch_) return;
  const auto access = place_.lookup.access(identity_, tunnel.container()->container, tunnel.name());
  if (access) watch_->renew(*access);
}

// Ends what has to end; with the rest she goes on under what is allowed now.
std::optional<std::int64_t> Session::recheck(std::int64_t now) {
  if (end_) return std::nullopt;
  auto standing = place_.lookup.standing(identity_, arrival_.from_host);
  if (!standing) {
    if (is_doubtful(standing.error(), identity_)) return now + kAgainAfter;
    finish(std::move(standing.error()));
    return std::nullopt;
  }
  identity_ = *std::move(standing);
  found_route_.reset();  // it may lead elsewhere now
  session_timer_->limit(identity_.limits);
  auto until = access::earlier(identity_.until, recheck_tunnels(now));
  if (end_ || !container_) return until;
  auto access = place_.lookup.access(identity_, route_->container, route_->container_name);
  if (access) return access::earlier(until, *access);
  if (is_doubtful(access.error(), identity_)) return now + kAgainAfter;
  lose_container(access.error());
  return until;
}

// A tunnel carries no words of ours: she reads why in her sessions, or, if she has nothing but such tunnels, at the
// end.
std::optional<std::int64_t> Session::recheck_tunnels(std::int64_t now) {
  std::optional<std::int64_t> until;
  std::optional<End> why;
  std::vector<Tunnel*> lost;
  for (const auto& tunnel : tunnels_) {
    auto access = may_use(*tunnel);
    if (!access && is_doubtful(access.error(), identity_)) access = now + kAgainAfter;
    if (access) {
      until = access::earlier(until, *access);
    } else {
      lost.push_back(tunnel.get());
      why = std::move(access.error());
    }
  }
  if (lost.empty()) return until;
  if (lost.size() == relay_.channels()) {
    finish(*std::move(why));
    return std::nullopt;
  }
  log::info("tunnels closed id={} user={} reason={} count={}", arrival_.id, identity_.name, code_of(why->reason),
            lost.size());
  for (const auto* tunnel : lost) close_tunnel(*tunnel);
  relay_.say(for_user(sentence_of(*why)), Relay::Audience::sessions);
  return until;
}

std::expected<std::optional<std::int64_t>, End> Session::may_use(const Tunnel& tunnel) {
  if (tunnel.container()) return place_.lookup.access(identity_, tunnel.container()->container, tunnel.name());
  if (identity_.role == store::Role::admin) return std::nullopt;
  return std::unexpected(End{Reason::role_taken, {}, {}});
}

}  // namespace bastion::session
