#include "bastion/upstream/known_hosts.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "store/accepted_identities.h"
#include "store/busy.h"
#include "store/writer.h"

namespace bastion::upstream {

namespace {

std::vector<PublicKey> public_keys_of(const std::vector<store::HostKey>& recorded) {
  std::vector<PublicKey> keys;
  for (const auto& one : recorded) {
    if (auto key = transport::public_key_from_blob(one.blob)) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace

std::vector<PublicKey> KnownHosts::of(const store::HostKeyOwner& owner) {
  const auto found = host_keys_.of(owner);
  if (found) return public_keys_of(*found);
  log::error("the store cannot be read: {} (host keys)", found.error().text);
  return {};
}

store::HostTrust KnownHosts::trust_of(const store::HostKeyOwner& owner) {
  auto trust = host_cas_.trust_of(owner);
  if (trust) return *std::move(trust);
  log::error("the store cannot be read: {} (host CAs)", trust.error().text);
  return {.name = {}, .cas = {ByteVector{}}};
}

bool KnownHosts::was_certified(const store::HostKeyOwner& owner) {
  const auto certified = host_cas_.certified(owner);
  if (certified) return certified->has_value();
  log::error("the store cannot be read: {} (host CAs)", certified.error().text);
  return true;
}

std::vector<std::string> KnownHosts::copies_of(const store::HostKeyOwner& owner) {
  auto copies = host_keys_.copies_of(owner);
  if (copies) return *std::move(copies);
  log::error("the store cannot be read: {} (host keys)", copies.error().text);
  return {};
}

Task<std::expected<std::vector<PublicKey>, End>> KnownHosts::learn(store::HostKeyOwner owner, PublicKey presented,
                                                                   std::chrono::seconds within) {
  using Recorded = std::vector<store::HostKey>;
  // Shared with the writer's answer, which may come when this session is long gone.
  const auto learned = std::make_shared<Event<std::expected<Recorded, End>>>();
  store::Writer::Presented shown{
      .blob = presented.blob, .fingerprint = transport::fingerprint(presented.blob), .at = unix_now()};
  writer_.learn_host_key(owner, std::move(shown), [this, learned](Result<Recorded> outcome) {
    loop_.post([learned, outcome = std::move(outcome)] {
      if (outcome) return learned->set(*outcome);
      const auto reason = store::is_busy(outcome.error())   ? Reason::database_busy
                          : store::is_away(outcome.error()) ? Reason::fleet_away
                                                            : Reason::internal;
      learned->set(std::unexpected(End{reason, {}, outcome.error().text}));
    });
  });
  const auto late = writer_.is_of_fleet() ? Reason::fleet_away : Reason::database_busy;
  loop::Timer deadline(loop_, [learned, within, late] {
    auto detail = fmt::format("the host key was not written within {} s", within.count());
    learned->set(std::unexpected(End{late, {}, std::move(detail)}));
  });
  deadline.start(within);
  const auto recorded = co_await *learned;
  if (!recorded) co_return std::unexpected(recorded.error());
  co_return public_keys_of(*recorded);
}

void KnownHosts::refuse(const store::HostKeyOwner& owner, const PublicKey& presented) {
  writer_.change("a host key that was refused",
                 [owner, blob = presented.blob, at = unix_now()](store::Database& database) -> Result<> {
                   return store::HostKeys(database).refuse(owner, blob, at);
                 });
}

void KnownHosts::certified(const store::HostKeyOwner& owner, const transport::HostCertificate& certificate) {
  constexpr std::size_t kLongest = 256;
  store::HostCas::Certified seen{.key = certificate.key.blob,
                                 .ca = certificate.ca.blob,
                                 .key_id = printable_on_one_line(certificate.key_id, kLongest),
                                 .valid_before = {},
                                 .seen_at = unix_now()};
  if (std::in_range<std::int64_t>(certificate.valid_before)) {
    seen.valid_before = static_cast<std::int64_t>(certificate.valid_before);
  }
  writer_.change("the certificate of a host", [owner, seen = std::move(seen)](store::Database& database) {
    return store::HostCas(database).note(owner, seen);
  });
}

void KnownHosts::took(const store::HostKeyOwner& owner, const std::string& account, const PublicKey& identity) {
  writer_.change_here("which identity key was taken",
                      [owner, account, blob = identity.blob, at = unix_now()](store::Database& database) {
                        return store::AcceptedIdentities(database).note(owner, account, blob, at);
                      });
}

}  // namespace bastion::upstream
