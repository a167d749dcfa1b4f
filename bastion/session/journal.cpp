#include "bastion/session/journal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <variant>

#include "bastion/base/clock.h"
#include "bastion/base/match.h"
#include "store/writer.h"

namespace bastion::session {

void Journal::on_authenticated(const Arrival& arrival, const access::Identity& identity) {
  const auto now = unix_now();
  std::visit(Match{[&](const access::KeyCredential& key) { writer_.key_used({.key = key.key, .at = now}); }},
             identity.credential);
  writer_.session_opened({.id = arrival.id,
                          .user = identity.name,
                          .from_host = arrival.from_host,
                          .key_fingerprint = access::name_of(identity.credential),
                          .container = {},
                          .route = {},
                          .at = now,
                          .server = server_});
}

void Journal::on_led(const Arrival& arrival, const std::string& where, const std::vector<access::Hop>& hops) {
  const auto route = fmt::format("{}", fmt::join(hops | std::views::transform(&access::Hop::name), " > "));
  writer_.session_routed({.id = arrival.id, .container = where, .route = route});
}

void Journal::on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) {
  audit(arrival, identity, "tunnel", where, "done");
}

void Journal::on_refused_admin(const Arrival& arrival, const access::Identity& identity) {
  audit(arrival, identity, "admin", arrival.id, "refused");
}

void Journal::on_end(const Arrival& arrival, const End& end, const Ended& what) {
  if (what.identity == nullptr) return;
  const std::string code{code_of(end.reason)};
  writer_.session_closed({.id = arrival.id,
                          .at = unix_now(),
                          .bytes_from_user = static_cast<std::int64_t>(what.traffic.from_user),
                          .bytes_from_container = static_cast<std::int64_t>(what.traffic.from_container),
                          .reason = code});
  audit(arrival, *what.identity, "login", arrival.id, code);
}

void Journal::audit(const Arrival& arrival, const access::Identity& identity, std::string action, std::string subject,
                    std::string outcome) {
  writer_.audit({.at = unix_now(),
                 .actor = identity.name,
                 .action = std::move(action),
                 .subject = std::move(subject),
                 .outcome = std::move(outcome),
                 .key_fingerprint = access::name_of(identity.credential),
                 .from_host = arrival.from_host});
}

}  // namespace bastion::session
