#include "bastion/login/path.h"

#include <utility>

#include "bastion/login/chain.h"
#include "bastion/login/login.h"
#include "bastion/login/target.h"

namespace bastion::login {

Task<std::expected<void, End>> walk(Login& login) {
  auto identity = co_await login.authenticate();
  if (!identity) co_return std::unexpected(identity.error());
  login.identity_ = *std::move(identity);
  login.enter();

  auto route = login.place_.records.route(*login.identity_, login.target_);
  login.place_.records.opened(login.arrival_, *login.identity_, route ? &*route : nullptr);
  if (!route) co_return std::unexpected(route.error());
  login.route_ = *std::move(route);

  auto wire = co_await login.reach_container();
  if (!wire) co_return std::unexpected(wire.error());

  const auto peer = peer_of_container(*login.route_);
  auto container = co_await log_in(login.place_.credentials, *std::move(wire), peer);
  if (!container) co_return std::unexpected(container.error());
  login.relay_to(*std::move(container));
  co_return {};
}

// Until a request is granted, every answer is the same denial, whoever is named in it.
Task<std::expected<Identity, End>> Login::authenticate() {
  for (int tries = 0; tries < place_.settings.max_auth_tries; ++tries) {
    auto request = co_await user_.auth_requests().next();
    if (request.kind() == transport::AuthRequest::Kind::other) {
      request.deny();
      continue;
    }
    const auto target = parse_target(request.user());
    auto identity = place_.records.accepted(target ? target->user : std::string{}, request.key());
    if (!target || !identity) {
      request.deny();
      continue;
    }
    request.grant();
    if (request.kind() == transport::AuthRequest::Kind::probe) continue;
    target_ = *target;
    co_return *std::move(identity);
  }
  co_return std::unexpected(End{Reason::too_many_attempts, {}, {}});
}

Task<std::expected<std::unique_ptr<Wire>, End>> Login::reach_container() {
  const Endpoint address{route_->address, route_->port};
  const End unreachable{Reason::container_unreachable, route_->container_name, {}};
  auto reached = co_await reach(place_.credentials, place_.hops, route_->hops, address, unreachable);
  if (!reached) co_return std::unexpected(reached.error());
  hop_ = reached->hop;
  co_return std::move(reached->wire);
}

}  // namespace bastion::login
