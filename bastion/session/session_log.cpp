#include "bastion/session/session_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <string>

#include "bastion/base/endpoint.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/session/certificate_text.h"

namespace bastion::session {
namespace {

std::string text_or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string names_of(const auth::Tried& tried) {
  auto names = fmt::format("{}", fmt::join(tried.users() | std::views::transform(log_value), ","));
  return tried.more_users() > 0 ? names + ",..." : names;
}

}  // namespace

std::string detail_of_stranger(std::string_view detail) {
  constexpr std::size_t kMost = 256;
  std::string text;
  for (const auto word : detail.substr(0, kMost) | std::views::split(' ')) {
    if (!text.empty()) text += ' ';
    if (!word.empty()) text += log_value(std::string_view(word));
  }
  return detail.size() > kMost ? text + "..." : text;
}

void SessionLog::on_begin(const Arrival& arrival) {
  log::debug("login begins id={} from={}", arrival.id, Endpoint{arrival.from_host, arrival.from_port}.text());
}

void SessionLog::on_denied(const Arrival& arrival, const auth::Try& denied) {
  log::info("login denied id={} from={} port={} user={} method={} type={} key={}", arrival.id, arrival.from_host,
            arrival.from_port, log_value(denied.user), log_value(denied.method), text_or_dash(denied.key_type),
            text_or_dash(denied.fingerprint));
}

void SessionLog::on_authenticated(const Arrival& arrival, const access::Identity& identity) {
  const auto certificates = certificate_text(identity);
  log::info("login accepted id={} user={} from={} port={} key={}{}{}", arrival.id, identity.name, arrival.from_host,
            arrival.from_port, access::name_of(identity.credential), certificates.empty() ? "" : " ", certificates);
}

void SessionLog::on_entered(const Arrival& arrival, const access::Identity& identity, const access::Route& route) {
  log::info("container entered id={} user={} container={} route={}", arrival.id, identity.name, route.full_name,
            text_or_dash(fmt::format("{}", fmt::join(route.hops | std::views::transform(&access::Hop::name), ">"))));
}

void SessionLog::on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                                 const End& why) {
  log::info("no container id={} user={} container={} reason={} detail={:?}", arrival.id, identity.name,
            text_or_dash(container), code_of(why.reason), why.detail);
}

void SessionLog::on_container_lost(const Arrival& arrival, const access::Identity& identity, const access::Route& route,
                                   const End& why) {
  log::info("container lost id={} user={} container={} reason={} detail={:?}", arrival.id, identity.name,
            route.full_name, code_of(why.reason), why.detail);
}

void SessionLog::on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) {
  log::info("tunnel opened id={} user={} to={:?}", arrival.id, identity.name, where);
}

// Whoever has named nobody has not tried to log in: a port scan, a check whether the port is open.
void SessionLog::on_end(const Arrival& arrival, const End& end, const Ended& what) {
  const bool has_tried = what.identity == nullptr && what.tried != nullptr && !what.tried->users().empty();
  // Where nobody could say whether it was right, it was not wrong.
  if (has_tried && !is_undecided(end.reason)) {
    return log::info("login failed id={} from={} port={} users={} attempts={} reason={} detail=\"{}\"", arrival.id,
                     arrival.from_host, arrival.from_port, names_of(*what.tried), what.tried->attempts(),
                     code_of(end.reason), detail_of_stranger(end.detail));
  }
  // Of such there may be any number: the server counts them (Fate), and says how many there were; or a balancer makes
  // them every second.
  if (arrival.is_check && what.identity == nullptr) {
    return log::debug("checked id={} from={} reason={}", arrival.id, arrival.from_host, code_of(end.reason));
  }
  if (end.reason == Reason::made_room || end.reason == Reason::no_version_line ||
      end.reason == Reason::too_many_rsa_signatures) {
    return log::debug("login ended id={} from={} reason={}", arrival.id, arrival.from_host, code_of(end.reason));
  }
  if (what.identity == nullptr) {
    return log::info(
        "login ended id={} user={} from={} container=- reason={} detail=\"{}\" from_user=0 "
        "from_container=0",
        arrival.id, has_tried ? names_of(*what.tried) : "-", arrival.from_host, code_of(end.reason),
        detail_of_stranger(end.detail));
  }
  log::info("login ended id={} user={} from={} container={} reason={} detail={:?} from_user={} from_container={}",
            arrival.id, what.identity->name, arrival.from_host, text_or_dash(what.container), code_of(end.reason),
            end.detail, what.traffic.from_user, what.traffic.from_container);
}

}  // namespace bastion::session
