// What the bastions of a fleet ask each other, as the processes of one of them do (peer_messages.h): lines of JSON.
// They may be of different releases: what one does not know it answers with nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/peer_messages.h"
#include "bastion/probe/explanation.h"

namespace bastion::admin {

// What is to be done there to sessions and to who may come.
struct NodeEffects {
  std::int64_t number = 0;                 // once this entry of the fleet's log is there
  std::vector<PeerQuestion> effects = {};  // none of them asks anything
};
// What would come of a login there.
struct NodeExplanation {
  probe::Explanation::Question question;
};
using NodeRequest = std::variant<PeerSessions, PeerActivities, NodeEffects, NodeExplanation>;

// All that a change does.
[[nodiscard]] NodeEffects node_effects(std::int64_t number, const SessionEffects& effects);

[[nodiscard]] std::string line_of(const NodeRequest& request);
[[nodiscard]] std::optional<NodeRequest> node_request_in(std::string_view line);

// The answer to that.
[[nodiscard]] std::string line_of(const probe::Explanation& explanation);
[[nodiscard]] std::optional<probe::Explanation> explanation_in(std::string_view line);

}  // namespace bastion::admin
