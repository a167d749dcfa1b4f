#include "bastion/session/path.h"

#include <utility>
#include <variant>

#include "bastion/access/target.h"
#include "bastion/auth/denial.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/session/session.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/client_login.h"

namespace bastion::session {

// Where she opens something that leads elsewhere, a raw tunnel or nothing at all, her container is never asked for:
// openings.cpp.
Task<std::expected<void, End>> walk(Session& session) {
  auto identity = co_await session.authenticate();
  if (!identity) co_return std::unexpected(identity.error());
  session.enter(*std::move(identity));
  for (;;) {
    co_await session.connect_requests_.next();
    const auto led = co_await session.lead_in();
    if (!led && session.fall_short(led.error())) session.left_without(led.error());
  }
}

namespace {

// Of one connection, whether they are refused or not. As OpenSSH's auth2.c has it.
constexpr int kMostRequests = 1024;

End give_up(transport::ServerSession& stranger) {
  stranger.disconnect("Too many authentication failures", transport::DisconnectReason::protocol_error);
  return {Reason::too_many_attempts, {}, {}};
}

}  // namespace

// Until one is granted, every answer is the same denial, whoever is named in it. A signature is looked at only when the
// key behind it lets somebody in. Attempts are counted as sshd counts them: those that are denied, but for a first
// "none", which asks what there is; and the last one is not answered but told that it was the last.
Task<std::expected<access::Identity, End>> Session::authenticate() {
  int denied = 0;
  for (int requests = 0; requests < kMostRequests; ++requests) {
    auth::Attempt attempt(co_await user_.auth_requests().next());
    const auto came = loop::Loop::instant();
    unreadable_.reset();
    const auto target = access::parse_target(attempt.user());
    auto identity = target ? whom_it_lets_in(*target, attempt) : std::nullopt;
    if (!identity) {
      note_denied(attempt);
      // "none" is the first question of every client and names nothing that could be right: its answer tells nothing.
      if (!attempt.is_none()) co_await denial_is_due(came);
      if (!attempt.is_none() || requests > 0) ++denied;
      if (denied >= place_.settings.max_auth_tries) co_return std::unexpected(give_up(user_));
      attempt.deny();
      continue;
    }
    attempt.grant();
    if (attempt.is_question()) continue;
    target_ = *target;
    co_return *std::move(identity);
  }
  co_return std::unexpected(give_up(user_));
}

void Session::note_denied(const auth::Attempt& attempt) {
  const auto denied = attempt.as_try();
  tried_.note(denied);
  if (!attempt.is_none() && !unreadable_) observe(&Observer::on_denied, denied);
}

std::optional<access::Identity> Session::whom_it_lets_in(const access::Target& target, auth::Attempt& attempt) {
  auto identity = attempt.identity(place_.lookup, target.user, arrival_.from_host);
  if (!identity) {
    unreadable_ = identity.error();
    return std::nullopt;
  }
  if (*identity && !attempt.is_question() && !attempt.proven()) return std::nullopt;
  return *std::move(identity);
}

Task<> Session::denial_is_due(std::chrono::microseconds came) {
  Event<std::monostate> due;
  loop::Timer timer(place_.credentials.loop, [&due] { due.set({}); });
  timer.start(auth::denial_after(came, loop::Loop::instant()));
  co_await due;
}

Task<std::expected<void, End>> Session::lead_in() {
  auto route = co_await choose_route();
  if (!route) co_return std::unexpected(route.error());
  route_ = *std::move(route);
  observe(&Observer::on_led, route_->full_name, route_->hops);

  const Endpoint address{route_->address, route_->port};
  const End unreachable{Reason::container_unreachable, route_->container_name, {}};
  auto reached = co_await reach(place_.credentials, place_.hops, route_->hops, use_, address, unreachable);
  if (!reached) co_return std::unexpected(reached.error());
  hop_ = reached->hop;

  auto peer = upstream::peer_of_container(*route_);
  peer.hear = [this](const std::string& lines) { relay_.say(lines, connection::Relay::Audience::sessions); };
  auto in = co_await log_in(place_.credentials, std::move(reached->stream), std::move(peer));
  if (!in) co_return std::unexpected(blame(in.error(), hop_));
  if (!in->said.empty())
    log::info("container says id={} container={} text={:?}", arrival_.id, route_->full_name, in->said);
  relay_to(std::move(in->session));
  co_return {};
}

// Where she has several containers and named none, the menu in one of her sessions may be asking her right now.
Task<std::expected<access::Route, End>> Session::choose_route() {
  if (found_route_) co_return *std::exchange(found_route_, std::nullopt);
  auto route = place_.lookup.route(*identity_, target_);
  if (route || route.error().reason != Reason::no_default_container) co_return route;
  await_choice(route.error());
  co_await choices_.next();
  co_return place_.lookup.route(*identity_, target_);
}

}  // namespace bastion::session
