#include "bastion/upstream/client_login.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/banner.h"

namespace bastion::upstream {

using transport::ClientSession;

namespace {

transport::Offer offer_to(bool is_legacy) { return is_legacy ? transport::Offer::legacy : transport::Offer::sound; }

std::string fingerprints_of(const std::vector<PublicKey>& keys) {
  std::vector<std::string> fingerprints;
  fingerprints.reserve(keys.size());
  for (const auto& key : keys) fingerprints.push_back(transport::fingerprint(key.blob));
  return fmt::format("{}", fmt::join(fingerprints, " or "));
}

std::string with_summary(const Banner& banner) {
  const auto said = banner.summary();
  return said.empty() ? said : fmt::format("; it said: {}", said);
}

}  // namespace

Peer peer_of(const access::Hop& hop) {
  return {.owner = store::HostKeyOwner::of_backend(hop.backend),
          .name = hop.name,
          .known_as = "backend " + hop.name,
          .account = hop.account,
          .offer = offer_to(hop.is_legacy),
          .presents = hop.presents,
          .use = transport::CertificateUse::hop,
          .key_id = "bastion hop",
          .unreachable = Reason::backend_unreachable,
          .no_common_algorithm = Reason::backend_no_common_algorithm,
          .key_changed = Reason::backend_key_changed,
          .refused_identity = Reason::backend_refused_identity,
          .refused_account = Reason::backend_refused_account};
}

Peer peer_of_container(const access::Route& route, std::string key_id) {
  return {.owner = store::HostKeyOwner::of_container(route.container),
          .name = route.container_name,
          .known_as = "container " + route.full_name,
          .account = route.account,
          .offer = offer_to(route.is_legacy),
          .presents = route.presents,
          .use = transport::CertificateUse::container,
          .key_id = std::move(key_id),
          .unreachable = Reason::container_unreachable,
          .no_common_algorithm = Reason::container_no_common_algorithm,
          .key_changed = Reason::container_key_changed,
          .refused_identity = Reason::container_refused_identity,
          .refused_account = Reason::container_refused_account};
}

Task<std::expected<LoggedIn, End>> log_in(const Credentials& credentials, std::unique_ptr<ByteStream> stream,
                                          Peer peer) {
  auto known = credentials.known_hosts.of(peer.owner);
  Banner banner;  // outlives whoever may fill it: nothing is heard after the outcome
  auto session = std::make_unique<ClientSession>(std::move(stream),
                                                 ClientSession::Options{.account = peer.account,
                                                                        .known_host_keys = known,
                                                                        .offer = peer.offer,
                                                                        .key_exchange = credentials.key_exchange,
                                                                        .on_banner = [&](std::string_view message) {
                                                                          auto lines = banner.take(message);
                                                                          if (peer.hear && !lines.empty())
                                                                            peer.hear(lines);
                                                                        }});
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
  if (!key) {
    const bool nothing = session->loss() && session->loss()->kind == transport::Loss::Kind::nothing_in_common;
    co_return failed(nothing ? peer.no_common_algorithm : peer.unreachable, key.error().text);
  }
  // What our own database takes is not the peer's time.
  const std::chrono::milliseconds left = begun + credentials.within - credentials.loop.now();
  deadline.stop();
  if (known.empty()) {
    auto learned = co_await credentials.known_hosts.learn(peer.owner, *key, credentials.within);
    if (!learned) co_return failed_with(learned.error());
    known = *std::move(learned);
    if (const auto copies = credentials.known_hosts.copies_of(peer.owner); !copies.empty()) {
      log::warning("the host key of {} is that of others too: {}; a copy needs host keys of its own", peer.known_as,
                   fmt::join(copies, ", "));
    }
  }
  if (std::ranges::find(known, *key) == known.end()) {
    credentials.known_hosts.refuse(peer.owner, *key);
    co_return failed(peer.key_changed,
                     fmt::format("expected {}, got {}", fingerprints_of(known), transport::fingerprint(key->blob)));
  }

  deadline.start(std::max(left, std::chrono::milliseconds::zero()));
  std::optional<transport::KeyPair> certified;
  if (peer.presents == store::Presented::certificate) {
    auto made = transport::certified_key(
        credentials.identity.ca, {.account = peer.account, .key_id = peer.key_id, .use = peer.use, .now = unix_now()},
        key->blob);
    if (!made) co_return failed(peer.refused_identity, made.error().text);
    certified = *std::move(made);
  }
  const std::span<const transport::KeyPair> keys =
      certified ? std::span<const transport::KeyPair>(&*certified, 1) : credentials.identity.keys;
  session->authenticate(keys);
  const auto outcome = co_await session->authenticated();
  if (!outcome) co_return failed(peer.unreachable, outcome.error().text);
  if (*outcome == ClientSession::AuthOutcome::hung_up) {
    auto why = fmt::format("as {}: in place of an answer, {}", peer.account, session->loss()->text);
    co_return failed_with(End{peer.refused_account, peer.name, std::move(why) + with_summary(banner), banner.last()});
  }
  if (*outcome == ClientSession::AuthOutcome::refused) {
    const auto* const with = certified ? ", with a certificate" : "";
    co_return failed(peer.refused_identity, fmt::format("as {}{}", peer.account, with) + with_summary(banner));
  }
  if (keys.size() > 1) {
    credentials.known_hosts.took(peer.owner, peer.account, keys[session->taken()].public_key());
    if (session->taken() > 0)
      log::info("takes only the old identity key of={:?} account={}", peer.known_as, peer.account);
  }
  co_return LoggedIn{std::move(session), banner.summary()};
}

}  // namespace bastion::upstream
