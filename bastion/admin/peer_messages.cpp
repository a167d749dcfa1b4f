#include "bastion/admin/peer_messages.h"

#include <algorithm>
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

// Whatever is said, a time is one that can be written down (until the year 9999) and counted with.
constexpr std::int64_t kLatestSecond = 253'402'300'799;

// 0 where there is no such number.
std::int64_t number_within(const PeerJson& json, const char* name, std::int64_t most) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return 0;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most)) return most;
  return std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most);
}

std::int64_t second_in(const PeerJson& json, const char* name) { return number_within(json, name, kLatestSecond); }

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
          {"channels", session.channels},
          {"recorded", session.recorded}};
}

session::LiveSession session_from(const PeerJson& json) {
  session::LiveSession session;
  session.id = json.at("id").get<std::string>();
  session.user = json.value("user", "");
  session.from_host = json.value("from_host", "");
  session.key_fingerprint = json.value("key_fingerprint", "");
  session.container = json.value("container", "");
  session.route = json.value("route", session.route);
  session.tunnels = json.value("tunnels", session.tunnels);
  session.since = second_in(json, "since");
  session.idle = std::chrono::seconds(second_in(json, "idle"));
  session.bytes_from_user = json.value("bytes_from_user", session.bytes_from_user);
  session.bytes_from_container = json.value("bytes_from_container", session.bytes_from_container);
  session.channels = json.value("channels", session.channels);
  session.recorded = json.value("recorded", false);
  return session;
}

PeerJson number_or_null(const auto& number) { return number ? PeerJson(*number) : PeerJson(); }

template <typename Number>
std::optional<Number> number_in(const PeerJson& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<Number>();
}

PeerJson json_of(const upstream::BackendView& view) {
  return {{"backend", view.backend},
          {"hops", view.hops},
          {"usable", view.usable},
          {"latency", view.latency ? PeerJson(view.latency->count()) : PeerJson()},
          {"answered_at", number_or_null(view.answered_at)},
          {"failed_at", number_or_null(view.failed_at)},
          {"is_direct", view.is_direct}};
}

upstream::BackendView view_in(const PeerJson& json) {
  upstream::BackendView view{.backend = json.at("backend").get<std::int64_t>(),
                             .hops = json.value("hops", std::size_t{0}),
                             .usable = json.value("usable", std::size_t{0}),
                             .answered_at = number_in<std::int64_t>(json, "answered_at"),
                             .failed_at = number_in<std::int64_t>(json, "failed_at"),
                             .is_direct = json.value("is_direct", false)};
  if (number_in<std::int64_t>(json, "latency")) view.latency = std::chrono::microseconds(second_in(json, "latency"));
  return view;
}

PeerJson json_of(const session::Refusal& refusal) {
  return {{"at", refusal.at},         {"from", refusal.from},         {"user", refusal.user}, {"key", refusal.key},
          {"reason", refusal.reason}, {"sentence", refusal.sentence}, {"id", refusal.id}};
}

session::Refusal refusal_from(const PeerJson& json) {
  return {.at = second_in(json, "at"),
          .from = json.value("from", ""),
          .user = json.value("user", ""),
          .key = json.value("key", ""),
          .reason = json.value("reason", ""),
          .sentence = json.value("sentence", ""),
          .id = json.value("id", "")};
}

PeerJson json_of(const LoopActivity& loop) {
  return {{"name", loop.name}, {"lag", loop.lag.count()}, {"sessions", loop.sessions}};
}

LoopActivity loop_from(const PeerJson& json) {
  return {.name = json.at("name").get<std::string>(),
          .lag = std::chrono::microseconds(second_in(json, "lag")),
          .sessions = json.value("sessions", std::size_t{0})};
}

PeerJson json_of(const Activity& activity);

template <typename Values>
PeerJson array_of(const Values& values) {
  auto all = PeerJson::array();
  for (const auto& value : values) all.push_back(json_of(value));
  return all;
}

template <typename Read>
auto values_in(const PeerJson& json, const char* name, Read read) {
  std::vector<decltype(read(json))> values;
  const auto found = json.find(name);
  if (found == json.end()) return values;
  for (const auto& one : *found) values.push_back(read(one));
  return values;
}

PeerJson json_of(const Activity& activity) {
  return {{"bastion", activity.bastion},
          {"process", activity.process},
          {"version", activity.version},
          {"began", activity.began},
          {"at_ms", activity.at_ms},
          {"sessions", array_of(activity.sessions)},
          {"backends", array_of(activity.backends)},
          {"bytes_from_users", activity.bytes_from_users},
          {"bytes_from_containers", activity.bytes_from_containers},
          {"refusals", array_of(activity.refusals)},
          {"strangers", activity.strangers},
          {"loops", array_of(activity.loops)},
          {"missing", activity.missing}};
}

Activity activity_in(const PeerJson& json) {
  Activity activity{.bastion = json.at("bastion").get<std::string>(),
                    .process = json.at("process").get<std::string>(),
                    .version = json.value("version", ""),
                    .began = second_in(json, "began"),
                    .at_ms = number_within(json, "at_ms", kLatestSecond * 1000),
                    .sessions = values_in(json, "sessions", session_from),
                    .backends = values_in(json, "backends", view_in),
                    .refusals = values_in(json, "refusals", refusal_from),
                    .strangers = {},
                    .loops = values_in(json, "loops", loop_from),
                    .missing = json.value("missing", "")};
  activity.bytes_from_users = json.value("bytes_from_users", activity.bytes_from_users);
  activity.bytes_from_containers = json.value("bytes_from_containers", activity.bytes_from_containers);
  activity.strangers = json.value("strangers", activity.strangers);
  if (activity.refusals.size() > session::kMostRefusals) {
    activity.refusals.resize(session::kMostRefusals);
  }
  return activity;
}

PeerJson json_of(const PeerQuestion& question) {
  return std::visit(Match{[](const PeerSessions&) { return PeerJson{{"ask", "sessions"}}; },
                          [](const PeerActivities&) { return PeerJson{{"ask", "activities"}}; },
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
  if (asked == "activities") return PeerActivities{};
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

std::string line_of(const std::vector<Activity>& activities) {
  return peer_line({{"activities", array_of(activities)}});
}

std::optional<std::vector<Activity>> activities_in(std::string_view line) try {
  const auto json = PeerJson::parse(line);
  std::vector<Activity> activities;
  for (const auto& one : json.at("activities")) activities.push_back(activity_in(one));
  return activities;
} catch (const PeerJson::exception&) {
  return std::nullopt;
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
  for (const auto& one : json.at("sessions")) sessions.push_back(session_from(one));
  return sessions;
} catch (const PeerJson::exception&) {
  return std::nullopt;
}

}  // namespace bastion::admin
