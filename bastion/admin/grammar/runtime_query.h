// What a command has to know that only the bastion that serves can say. It is asked before the command runs, which can
// ask nobody itself: it may not wait where it runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bastion/admin/grammar/activity.h"
#include "bastion/base/match.h"
#include "bastion/base/result.h"
#include "bastion/probe/explanation.h"
#include "bastion/session/live_session.h"
#include "bastion/upstream/reachability.h"

namespace bastion::admin {

struct SessionsQuery {};
// Twice, a second apart, or once where whoever asks has the answer of a second ago.
struct ActivitiesQuery {};
struct NodeExplanationQuery {
  std::string node;
  probe::Explanation::Question question;
};
struct ReachabilityQuery {
  std::optional<std::string> backend = std::nullopt;  // nothing: of all
};

struct InstancesQuery {
  std::string backend;
  std::string projects = {};  // what is added to the command that lists them
};

// Nothing; but whoever serves is to carry the command out, because it has to do at once what that says.
struct ServerQuery {};

using RuntimeQuery = std::variant<std::monostate, SessionsQuery, ActivitiesQuery, ReachabilityQuery,
                                  probe::Explanation::Question, NodeExplanationQuery, InstancesQuery, ServerQuery>;

[[nodiscard]] inline bool asks_nothing(const RuntimeQuery& query) {
  return std::holds_alternative<std::monostate>(query);
}

// The answers. Nothing where that was not asked, or where no bastion serves that could be.
struct RuntimeSnapshot {
  std::optional<std::vector<session::LiveSession>> sessions = std::nullopt;
  std::string missing = {};  // sessions that are not among them, as a sentence: of bastions that have not answered
  // What happens, and what happened a little before that.
  std::shared_ptr<const Activities> activities = nullptr;
  std::shared_ptr<const Activities> activities_before = nullptr;
  std::optional<std::vector<upstream::Reachability>> reachability = std::nullopt;
  std::optional<probe::Explanation> explanation = std::nullopt;
  std::optional<Error> unexplained = std::nullopt;  // why another bastion has given none
  // What `incus list --format json` has printed on the backend, or why it has not.
  std::optional<Result<std::string>> instances = std::nullopt;

  [[nodiscard]] bool answer(const RuntimeQuery& query) const {
    return std::visit(
        Match{[](std::monostate) { return true; }, [this](const SessionsQuery&) { return sessions.has_value(); },
              [this](const ActivitiesQuery&) { return activities != nullptr; },
              [this](const ReachabilityQuery&) { return reachability.has_value(); },
              [this](const probe::Explanation::Question&) { return explanation.has_value(); },
              [this](const NodeExplanationQuery&) { return explanation.has_value() || unexplained.has_value(); },
              [this](const InstancesQuery&) { return instances.has_value(); }, [](const ServerQuery&) { return true; }},
        query);
  }
};

}  // namespace bastion::admin
