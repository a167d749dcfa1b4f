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
#include "bastion/base/printable.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/banner.h"

namespace bastion::upstream {

using transport::ClientSession;

namespace {

constexpr std::size_t kLongestKeyId = 256;

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

// The certificate by which the host is known, or why it is not, on one line.
Result<transport::HostCertificate> certified(const store::HostTrust& trust, const PublicKey& shown) {
  if (!transport::is_certificate(shown.blob)) return fail("it has shown no certificate");
  auto certificate = transport::parse_host_certificate(shown.blob);
  if (!certificate) return fail("its certificate does not count: {}", certificate.error().text);
  const auto ca = transport::fingerprint(certificate->ca.blob);
  if (std::ranges::find(trust.cas, certificate->ca.blob) == trust.cas.end()) {
    return fail("its certificate is of CA {}, which is not trusted for {}", ca, trust.name);
  }
  if (const auto why = objection(*certificate, trust.name, unix_now())) {
    return fail("its certificate of CA {} does not count: {}", ca, why->text);
  }
  return certificate;
}

// The key that it holds, certified or not.
Result<PublicKey> plain(const PublicKey& shown) {
  return transport::is_certificate(shown.blob) ? transport::key_in_certificate(shown.blob) : shown;
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
          .not_certified = Reason::backend_not_certified,
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
          .unreachable = route.command.empty() ? Reason::container_unreachable : Reason::container_command_failed,
          .no_common_algorithm = Reason::container_no_common_algorithm,
          .key_changed = Reason::container_key_changed,
          .not_certified = Reason::container_not_certified,
          .refused_identity = Reason::container_refused_identity,
          .refused_account = Reason::container_refused_account};
}

Task<std::expected<LoggedIn, End>> log_in(const Credentials& credentials, std::unique_ptr<ByteStream> stream,
                                          Peer peer) {
  auto known = credentials.known_hosts.of(peer.owner);
  const auto trust = credentials.known_hosts.trust_of(peer.owner);
  Banner banner;  // outlives whoever may fill it: nothing is heard after the outcome
  auto session = std::make_unique<ClientSession>(std::move(stream),
                                                 ClientSession::Options{.account = peer.account,
                                                                        .known_host_keys = known,
                                                                        .wants_certificate = !trust.cas.empty(),
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

  const auto shown = co_await session->host_key();
  if (!shown) {
    const bool nothing = session->loss() && session->loss()->kind == transport::Loss::Kind::nothing_in_common;
    co_return failed(nothing ? peer.no_common_algorithm : peer.unreachable, shown.error().text);
  }
  const auto held = plain(*shown);
  if (!held) co_return failed(peer.not_certified, "its certificate does not count: " + held.error().text);
  const auto& key = *held;
  std::string known_by;
  std::string not_certified;
  if (!trust.cas.empty()) {
    if (const auto certificate = certified(trust, *shown)) {
      known_by = transport::fingerprint(certificate->ca.blob);
      log::info("known by a certificate host={:?} key={} ca={} id={:?} serial={}", peer.known_as,
                transport::fingerprint(key.blob), known_by, printable_on_one_line(certificate->key_id, kLongestKeyId),
                certificate->serial);
      credentials.known_hosts.certified(peer.owner, *certificate);
    } else {
      not_certified = certificate.error().text;
    }
  }
  // What our own database takes is not the peer's time.
  const std::chrono::milliseconds left = begun + credentials.within - credentials.loop.now();
  deadline.stop();
  if (known.empty() && trust.cas.empty() && credentials.known_hosts.was_certified(peer.owner)) {
    not_certified = "no CA is trusted for it any more";
  }
  // What a CA vouches for, or did, is not learned: whoever answers first would be believed.
  if (known.empty() && trust.cas.empty() && not_certified.empty()) {
    auto learned = co_await credentials.known_hosts.learn(peer.owner, key, credentials.within);
    if (!learned) co_return failed_with(learned.error());
    known = *std::move(learned);
    if (const auto copies = credentials.known_hosts.copies_of(peer.owner); !copies.empty()) {
      log::warning("the host key of {} is that of others too: {}; a copy needs host keys of its own", peer.known_as,
                   fmt::join(copies, ", "));
    }
  }
  if (known_by.empty() && std::ranges::find(known, key) == known.end()) {
    credentials.known_hosts.refuse(peer.owner, key);
    const auto got =
        fmt::format("got {}{}{}", transport::fingerprint(key.blob), not_certified.empty() ? "" : "; ", not_certified);
    if (known.empty()) co_return failed(peer.not_certified, got);
    co_return failed(peer.key_changed, fmt::format("expected {}, {}", fingerprints_of(known), got));
  }

  if (peer.threshold != nullptr) {
    const auto since = loop::Loop::instant();
    co_await peer.threshold->wanted;
    peer.threshold->waited = loop::Loop::instant() - since;
    if (session->loss()) co_return failed(peer.unreachable, session->loss()->text);
  }
  deadline.start(std::max(left, std::chrono::milliseconds::zero()));
  if (peer.presents == store::Presented::agent) {
    if (!peer.agent) co_return failed(Reason::container_wants_agent, "there is nobody whose agent could be asked");
    auto fingerprint =
        co_await log_in_with_agent(credentials.loop, *session, *peer.agent, deadline, credentials.within, peer.name);
    if (!fingerprint) {
      auto& why = fingerprint.error();
      auto subject = why.subject.empty() ? peer.name : std::move(why.subject);
      co_return failed_with(
          End{why.reason, std::move(subject),
              fmt::format("as {} with the user's agent: {}{}", peer.account, why.detail, with_summary(banner)),
              why.reason == Reason::container_refused_account ? banner.last() : std::string{}});
    }
    log::info("logged in with the user's agent to={:?} as={} key={}", peer.known_as, peer.account, *fingerprint);
    co_return LoggedIn{std::move(session), banner.summary(), std::move(known_by)};
  }
  std::optional<transport::KeyPair> certified;
  if (peer.presents == store::Presented::certificate) {
    auto made = transport::certified_key(
        credentials.identity.ca, {.account = peer.account, .key_id = peer.key_id, .use = peer.use, .now = unix_now()},
        shown->blob);
    if (!made) co_return failed(Reason::own_key_unusable, made.error().text);
    certified = *std::move(made);
  }
  const std::span<const transport::KeyPair> keys =
      certified ? std::span<const transport::KeyPair>(&*certified, 1) : credentials.identity.keys;
  session->authenticate(keys);
  const auto outcome = co_await session->authenticated();
  if (!outcome && session->no_signature()) {
    co_return failed(Reason::own_key_unusable, session->no_signature()->text);
  }
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
  co_return LoggedIn{std::move(session), banner.summary(), std::move(known_by)};
}

}  // namespace bastion::upstream
