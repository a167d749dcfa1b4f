#include "bastion/admin/node_messages.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/base/reason.h"

namespace bastion::admin {
namespace {

using NodeJson = nlohmann::json;

std::string node_line(const NodeJson& json) {
  return json.dump(-1, ' ', false, NodeJson::error_handler_t::replace) + "\n";
}

void put(NodeJson& json, const char* key, const std::optional<std::string>& text) {
  if (text) json[key] = *text;
}

std::optional<std::string> text_at(const NodeJson& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return json.at(key).get<std::string>();
}

NodeJson explanation_asked(const probe::Explanation::Question& question) {
  NodeJson json{{"ask", "explanation"}, {"user", question.target.user}};
  put(json, "owner", question.target.owner);
  put(json, "container", question.target.container);
  put(json, "from", question.from_host);
  put(json, "key", question.fingerprint);
  return json;
}

NodeExplanation explanation_asked_in(const NodeJson& json) {
  return {.question = {.target = {.user = json.at("user").get<std::string>(),
                                  .owner = text_at(json, "owner"),
                                  .container = text_at(json, "container")},
                       .from_host = text_at(json, "from"),
                       .fingerprint = text_at(json, "key")}};
}

}  // namespace

NodeEffects node_effects(std::int64_t number, const SessionEffects& effects) {
  NodeEffects all{.number = number};
  if (!effects.ends.empty()) all.effects.emplace_back(PeerEnd{effects.ends, effects.end});
  if (effects.vacated) all.effects.emplace_back(PeerVacate{*effects.vacated, effects.end});
  if (effects.bans) all.effects.emplace_back(PeerBans{effects.bans->lifted});
  return all;
}

std::string line_of(const NodeRequest& request) {
  const auto json =
      std::visit(Match{[](const PeerSessions&) { return NodeJson{{"ask", "sessions"}}; },
                       [](const PeerActivities&) { return NodeJson{{"ask", "activities"}}; },
                       [](const NodeEffects& asked) {
                         auto lines = NodeJson::array();
                         for (const auto& effect : asked.effects) lines.push_back(line_of(effect));
                         return NodeJson{{"ask", "effects"}, {"entry", asked.number}, {"effects", std::move(lines)}};
                       },
                       [](const NodeExplanation& asked) { return explanation_asked(asked.question); }},
                 request);
  return node_line(json);
}

std::optional<NodeRequest> node_request_in(std::string_view line) try {
  const auto json = NodeJson::parse(line);
  const auto asked = json.at("ask").get<std::string>();
  if (asked == "sessions") return PeerSessions{};
  if (asked == "activities") return PeerActivities{};
  if (asked == "explanation") return explanation_asked_in(json);
  if (asked != "effects") return std::nullopt;
  NodeEffects effects{.number = json.at("entry").get<std::int64_t>()};
  for (const auto& effect : json.at("effects")) {
    auto question = peer_question_in(effect.get<std::string>());
    if (!question) return std::nullopt;
    effects.effects.push_back(*std::move(question));
  }
  return effects;
} catch (const NodeJson::exception&) {
  return std::nullopt;
}

std::string line_of(const probe::Explanation& explanation) {
  auto steps = NodeJson::array();
  for (const auto& step : explanation.steps) {
    steps.push_back({{"name", step.name}, {"what", step.what}, {"took", step.took.count()}, {"good", step.good}});
  }
  NodeJson json{{"steps", std::move(steps)}, {"container", explanation.container}, {"methods", explanation.methods}};
  put(json, "denied", explanation.denied);
  if (const auto& end = explanation.end) {
    json["end"] = {
        {"reason", code_of(end->reason)}, {"subject", end->subject}, {"detail", end->detail}, {"said", end->said}};
  }
  return node_line(json);
}

std::optional<probe::Explanation> explanation_in(std::string_view line) try {
  const auto json = NodeJson::parse(line);
  probe::Explanation explanation{.steps = {},
                                 .container = json.at("container").get<std::string>(),
                                 .denied = text_at(json, "denied"),
                                 .methods = json.value("methods", std::string("publickey")),
                                 .end = std::nullopt};
  for (const auto& step : json.at("steps")) {
    explanation.steps.push_back({.name = step.at("name").get<std::string>(),
                                 .what = step.at("what").get<std::string>(),
                                 .took = std::chrono::milliseconds(step.at("took").get<std::int64_t>()),
                                 .good = step.at("good").get<bool>()});
  }
  if (json.contains("end")) {
    const auto& end = json.at("end");
    explanation.end = End{.reason = reason_coded(end.at("reason").get<std::string>()).value_or(Reason::internal),
                          .subject = end.at("subject").get<std::string>(),
                          .detail = end.at("detail").get<std::string>(),
                          .said = end.at("said").get<std::string>()};
  }
  return explanation;
} catch (const NodeJson::exception&) {
  return std::nullopt;
}

}  // namespace bastion::admin
