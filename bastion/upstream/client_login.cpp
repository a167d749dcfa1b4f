#include "bastion/upstream/client_login.h"

#include <fmt/format.h>

#include <algorithm>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

namespace bastion::upstream {

using transport::ClientSession;

Peer peer_of(const access::Hop& hop) {
  return {.owner = store::HostKeyOwner::of_backend(hop.backend),
          .name = hop.name,
          .account = hop.account,
          .unreachable = Reason::backend_unreachable,
          .key_changed = Reason::backend_key_changed,
          .refused_identity = Reason::backend_refused_identity};
}

Peer peer_of_container(const access::Route& route) {
  return {.owner = store::HostKeyOwner::of_container(route.container),
          .name = route.container_name,
          .account = route.account,
          .unreachable = Reason::container_unreachable,
          .key_changed = Reason::container_key_changed,
          .refused_identity = Reason::container_refused_identity};
}

Task<std::expected<std::unique_ptr<ClientSession>, End>> log_in(const Credentials& credentials,
                                                                std::unique_ptr<ByteStream> stream, Peer peer) {
  const auto known = credentials.known_hosts.find(peer.owner);
  auto session = std::make_unique<ClientSession>(
      std::move(stream), ClientSession::Options{.account = peer.account,
                                                .host_key_type = known ? known->type : std::string{},
                                                .key_exchange = credentials.key_exchange});
  loop::Timer deadline(credentials.loop, [&session, &credentials] {
    session->give_up(Error{fmt::format("no answer within {} s", credentials.within.count())});
  });
  const auto begun = credentials.loop.now();
  deadline.start(credentials.within);
  const auto failed_with = [&](End end) {
    credentials.loop.defer_delete(std::move(session));
    return std::unexpected(std::move(end));
  };
  const auto failed = [&](Reason reason, std::string detail) {
    return failed_with(End{reason, peer.name, std::move(detail)});
  };

  const auto key = co_await session->host_key();
  if (!key) co_return failed(peer.unreachable, key.error().text);
  // What our own database takes is not the peer's time.
  const std::chrono::milliseconds left = begun + credentials.within - credentials.loop.now();
  deadline.stop();
  auto recorded = known;
  if (!recorded) {
    auto learned = co_await credentials.known_hosts.learn(peer.owner, *key, credentials.within);
    if (!learned) co_return failed_with(learned.error());
    recorded = *std::move(learned);
  }
  if (*recorded != *key) {
    co_return failed(peer.key_changed, fmt::format("expected {}, got {}", transport::fingerprint(recorded->blob),
                                                   transport::fingerprint(key->blob)));
  }

  deadline.start(std::max(left, std::chrono::milliseconds::zero()));
  session->authenticate(credentials.identity);
  const auto outcome = co_await session->authenticated();
  if (!outcome) co_return failed(peer.unreachable, outcome.error().text);
  if (*outcome == ClientSession::AuthOutcome::refused) {
    co_return failed(peer.refused_identity, fmt::format("as {}", peer.account));
  }
  co_return std::move(session);
}

}  // namespace bastion::upstream
