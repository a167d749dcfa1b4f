#include "bastion/admin/node_messages.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/base/match.h"

namespace bastion::admin {
namespace {

using NodeJson = nlohmann::json;

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
                       [](const NodeEffects& asked) {
                         auto lines = NodeJson::array();
                         for (const auto& effect : asked.effects) lines.push_back(line_of(effect));
                         return NodeJson{{"ask", "effects"}, {"entry", asked.number}, {"effects", std::move(lines)}};
                       }},
                 request);
  return json.dump(-1, ' ', false, NodeJson::error_handler_t::replace) + "\n";
}

std::optional<NodeRequest> node_request_in(std::string_view line) try {
  const auto json = NodeJson::parse(line);
  const auto asked = json.at("ask").get<std::string>();
  if (asked == "sessions") return PeerSessions{};
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

}  // namespace bastion::admin
