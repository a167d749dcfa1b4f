#include "bastion/session/journal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <variant>

#include "bastion/base/clock.h"
#include "bastion/base/match.h"
#include "store/writer.h"

namespace bastion::session {
namespace {

std::string route_text(const std::vector<access::Hop>& hops) {
  return fmt::format("{}", fmt::join(hops | std::views::transform(&access::Hop::name), " > "));
}

}  // namespace

void Journal::opened(const Arrival& arrival, const access::Identity& identity) {
  const auto now = unix_now();
  std::visit(Match{[&](const access::KeyCredential& key) { writer_.key_used({.key = key.key, .at = now}); }},
             identity.credential);
  writer_.session_opened({.login = arrival.id,
                          .user = identity.name,
                          .from_host = arrival.from_host,
                          .key_fingerprint = access::name_of(identity.credential),
                          .container = {},
                          .route = {},
                          .at = now,
                          .server = server_});
}

void Journal::routed(const Arrival& arrival, const std::string& container, const std::vector<access::Hop>& hops) {
  writer_.session_routed({.login = arrival.id, .container = container, .route = route_text(hops)});
}

void Journal::tunnelled(const Arrival& arrival, const access::Identity& identity, const std::string& to) {
  writer_.audit({.at = unix_now(),
                 .actor = identity.name,
                 .action = "tunnel",
                 .subject = to,
                 .outcome = "done",
                 .key_fingerprint = access::name_of(identity.credential),
                 .from_host = arrival.from_host});
}

void Journal::door_refused(const Arrival& arrival, const access::Identity& identity) {
  writer_.audit({.at = unix_now(),
                 .actor = identity.name,
                 .action = "admin",
                 .subject = arrival.id,
                 .outcome = "refused",
                 .key_fingerprint = access::name_of(identity.credential),
                 .from_host = arrival.from_host});
}

void Journal::closed(const Arrival& arrival, const access::Identity& identity, const End& end,
                     const connection::Relay::Traffic& traffic) {
  const auto now = unix_now();
  const std::string code{code_of(end.reason)};
  writer_.session_closed({.login = arrival.id,
                          .at = now,
                          .bytes_from_user = static_cast<std::int64_t>(traffic.from_user),
                          .bytes_from_container = static_cast<std::int64_t>(traffic.from_container),
                          .reason = code});
  writer_.audit({.at = now,
                 .actor = identity.name,
                 .action = "login",
                 .subject = arrival.id,
                 .outcome = code,
                 .key_fingerprint = access::name_of(identity.credential),
                 .from_host = arrival.from_host});
}

}  // namespace bastion::session
