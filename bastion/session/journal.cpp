#include "bastion/session/journal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <string_view>
#include <variant>

#include "bastion/access/target.h"
#include "bastion/base/log_value.h"
#include "bastion/base/match.h"
#include "bastion/session/certificate_text.h"
#include "store/writer.h"

namespace bastion::session {
namespace {

template <typename Texts>
std::string list_of(const Texts& texts, std::size_t more) {
  auto list = fmt::format("{}", fmt::join(texts, ", "));
  return more > 0 ? list + ", ..." : list;
}

std::string route_of(const std::vector<access::Hop>& hops, std::string_view between) {
  return fmt::format("{}", fmt::join(hops | std::views::transform(&access::Hop::name), between));
}

}  // namespace

void Journal::on_authenticated(const Arrival& arrival, const access::Identity& identity) {
  const auto now = now_();
  for (const auto& credential : access::shown_by(identity)) {
    const auto key = std::visit(Match{[](const access::KeyCredential& shown) { return shown.key; },
                                      [](const access::CertificateCredential& shown) { return shown.key; },
                                      [](const auto& /*typed*/) { return std::int64_t{0}; }},
                                credential);
    if (key != 0) writer_.key_used({.key = key, .at = now});
  }
  writer_.session_opened({.id = arrival.id,
                          .user = identity.name,
                          .from_host = arrival.from_host,
                          .key_fingerprint = access::name_of(identity.credential),
                          .container = {},
                          .route = {},
                          .at = now,
                          .server = server_});
  audit(arrival, identity, "login", {}, "done", certificate_text(identity));
}

void Journal::on_led(const Arrival& arrival, const std::string& where, const std::vector<access::Hop>& hops) {
  writer_.session_routed({.id = arrival.id, .container = where, .route = route_of(hops, " > ")});
}

void Journal::on_entered(const Arrival& arrival, const access::Identity& identity, const access::Route& route) {
  auto detail = fmt::format("account={}", log_value(route.account));
  if (!route.hops.empty()) detail += " route=" + route_of(route.hops, ">");
  audit(arrival, identity, "enter", route.full_name, "done", std::move(detail));
}

void Journal::on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                              const End& why) {
  audit(arrival, identity, "enter", container, std::string(code_of(why.reason)));
}

void Journal::on_container_lost(const Arrival& arrival, const access::Identity& identity, const access::Route& route,
                                const End& why) {
  audit(arrival, identity, "leave", route.full_name, std::string(code_of(why.reason)));
}

void Journal::on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) {
  audit(arrival, identity, "tunnel", where, "done");
}

void Journal::on_refused_admin(const Arrival& arrival, const access::Identity& identity) {
  audit(arrival, identity, "admin", {}, "refused");
}

void Journal::on_end(const Arrival& arrival, const End& end, const Ended& what) {
  if (what.identity == nullptr) {
    if (what.tried != nullptr && !what.tried->users().empty()) denied(arrival, *what.tried, end);
    return;
  }
  const std::string code{code_of(end.reason)};
  writer_.session_closed({.id = arrival.id,
                          .at = now_(),
                          .bytes_from_user = static_cast<std::int64_t>(what.traffic.from_user),
                          .bytes_from_container = static_cast<std::int64_t>(what.traffic.from_container),
                          .reason = code});
  audit(arrival, *what.identity, "logout", what.container, code,
        fmt::format("seconds={} from_user={} from_container={}", what.lasted.count(), what.traffic.from_user,
                    what.traffic.from_container));
}

void Journal::audit(const Arrival& arrival, const access::Identity& identity, std::string action, std::string subject,
                    std::string outcome, std::string detail) {
  writer_.audit({.at = now_(),
                 .actor = identity.name,
                 .action = std::move(action),
                 .subject = std::move(subject),
                 .outcome = std::move(outcome),
                 .key_fingerprint = access::name_of(identity.credential),
                 .from_host = arrival.from_host,
                 .session = arrival.id,
                 .detail = std::move(detail)});
}

// One row for a connection, however often it has tried. It is the user's whose name was tried first, so that it is
// found there, but says that she was not let in.
void Journal::denied(const Arrival& arrival, const auth::Tried& tried, const End& end) {
  const auto now = now_();
  if (!strangers_.take(now)) return;
  const auto target = access::parse_target(tried.users().front());
  const bool is_unknown = is_undecided(end.reason);  // whether anything of it was right
  auto subject = list_of(tried.users() | std::views::transform(log_value), tried.more_users());
  if (subject.size() > RowBudget::kLongestSubject) subject = subject.substr(0, RowBudget::kLongestSubject) + "...";
  if (const auto others = strangers_.left_out(); others > 0) {
    subject += fmt::format("; before it {} more that are only in the log", others);
  }
  writer_.audit({.at = now,
                 .actor = target ? target->user : "-",
                 .action = "login",
                 .subject = std::move(subject),
                 .outcome = is_unknown ? std::string(code_of(end.reason)) : "denied",
                 .key_fingerprint = list_of(tried.fingerprints(), tried.more_fingerprints()),
                 .from_host = arrival.from_host,
                 .session = arrival.id,
                 .detail = is_unknown ? std::string() : fmt::format("reason={}", code_of(end.reason))});
}

}  // namespace bastion::session
