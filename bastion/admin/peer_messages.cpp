#include "bastion/admin/peer_messages.h"

#include <nlohmann/json.hpp>

#include "bastion/base/match.h"

namespace bastion::admin {
namespace {

using PeerJson = nlohmann::json;

std::string peer_line(const PeerJson& json) {
  return json.dump(-1, ' ', false, PeerJson::error_handler_t::replace) + "\n";
}

PeerJson json_of(const End& end) {
  return {{"reason", code_of(end.reason)}, {"subject", end.subject}, {"detail", end.detail}, {"said", end.said}};
}

End end_in(const PeerJson& json) {
  return {.reason = reason_coded(json.value("reason", "")).value_or(Reason::internal),
          .subject = json.value("subject", ""),
          .detail = json.value("detail", ""),
          .said = json.value("said", "")};
}

PeerJson json_of(const session::LiveSession& session) {
  return {{"id", session.id},
          {"user", session.user},
          {"from_host", session.from_host},
          {"key_fingerprint", session.key_fingerprint},
          {"container", session.container},
          {"route", session.route},
          {"tunnels", session.tunnels},
          {"since", session.since},
          {"idle", session.idle.count()},
          {"bytes_from_user", session.bytes_from_user},
          {"bytes_from_container", session.bytes_from_container},
          {"channels", session.channels}};
}

session::LiveSession session_in(const PeerJson& json) {
  session::LiveSession session;
  session.id = json.at("id").get<std::string>();
  session.user = json.value("user", "");
  session.from_host = json.value("from_host", "");
  session.key_fingerprint = json.value("key_fingerprint", "");
  session.container = json.value("container", "");
  session.route = json.value("route", session.route);
  session.tunnels = json.value("tunnels", session.tunnels);
  session.since = json.value("since", session.since);
  session.idle = std::chrono::seconds(json.value("idle", std::int64_t{0}));
  session.bytes_from_user = json.value("bytes_from_user", session.bytes_from_user);
  session.bytes_from_container = json.value("bytes_from_container", session.bytes_from_container);
  session.channels = json.value("channels", session.channels);
  return session;
}

PeerJson json_of(const PeerQuestion& question) {
  return std::visit(Match{[](const PeerSessions&) { return PeerJson{{"ask", "sessions"}}; },
                          [](const PeerEnd& asked) {
                            return PeerJson{{"ask", "end"}, {"sessions", asked.sessions}, {"end", json_of(asked.end)}};
                          },
                          [](const PeerVacate& asked) {
                            return PeerJson{{"ask", "vacate"},
                                            {"container", asked.place.container},
                                            {"backend", asked.place.backend},
                                            {"address", asked.place.address},
                                            {"port", asked.place.port},
                                            {"command", asked.place.command},
                                            {"end", json_of(asked.end)}};
                          },
                          [](const PeerBans& asked) {
                            return PeerJson{{"ask", "bans"},
                                            {"lifted", asked.lifted ? PeerJson(asked.lifted->text()) : PeerJson()}};
                          },
                          [](const PeerFiguresQuestion&) { return PeerJson{{"ask", "figures"}}; },
                          [](const PeerLastFigures& told) {
                            return PeerJson{{"ask", "last figures"}, {"id", told.id}, {"samples", told.samples}};
                          }},
                    question);
}

}  // namespace

std::string line_of(const PeerQuestion& question) { return peer_line(json_of(question)); }

// nlohmann throws where a member is missing or of another kind; what does not come from us is no question.
std::optional<PeerQuestion> peer_question_in(std::string_view line) try {
  const auto json = PeerJson::parse(line);
  const auto asked = json.at("ask").get<std::string>();
  if (asked == "sessions") return PeerSessions{};
  if (asked == "end") return PeerEnd{json.at("sessions").get<std::vector<std::string>>(), end_in(json.at("end"))};
  if (asked == "vacate") {
    return PeerVacate{{.container = json.at("container").get<std::int64_t>(),
                       .backend = json.at("backend").get<std::int64_t>(),
                       .address = json.at("address").get<std::string>(),
                       .port = json.at("port").get<std::uint16_t>(),
                       .command = json.value("command", std::string{})},
                      end_in(json.at("end"))};
  }
  if (asked == "figures") return PeerFiguresQuestion{};
  if (asked == "last figures") {
    return PeerLastFigures{json.at("id").get<std::string>(), json.at("samples").get<PeerSamples>()};
  }
  if (asked != "bans") return std::nullopt;
  PeerBans bans;
  if (const auto& lifted = json.at("lifted"); lifted.is_string()) {
    auto network = Network::parse(lifted.get<std::string>());
    if (!network) return std::nullopt;
    bans.lifted = *std::move(network);
  }
  return bans;
} catch (const PeerJson::exception&) {
  return std::nullopt;
}

std::string line_of(const std::vector<session::LiveSession>& sessions) {
  auto all = PeerJson::array();
  for (const auto& session : sessions) all.push_back(json_of(session));
  return peer_line({{"sessions", std::move(all)}});
}

std::string line_of(const PeerFigures& figures) {
  return peer_line({{"id", figures.id}, {"samples", figures.samples}, {"others", figures.others}});
}

std::optional<PeerFigures> figures_in(std::string_view line) try {
  const auto json = PeerJson::parse(line);
  return PeerFigures{json.at("id").get<std::string>(), json.at("samples").get<PeerSamples>(),
                     json.at("others").get<std::map<std::string, PeerSamples>>()};
} catch (const PeerJson::exception&) {
  return std::nullopt;
}

std::optional<std::vector<session::LiveSession>> sessions_in(std::string_view line) try {
  const auto json = PeerJson::parse(line);
  std::vector<session::LiveSession> sessions;
  for (const auto& one : json.at("sessions")) sessions.push_back(session_in(one));
  return sessions;
} catch (const PeerJson::exception&) {
  return std::nullopt;
}

}  // namespace bastion::admin
