// What a command has to know that only the bastion that serves can say. It is asked before the command runs, which can
// ask nobody itself: it may not wait where it runs.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bastion/base/match.h"
#include "bastion/base/result.h"
#include "bastion/probe/rehearsal.h"
#include "bastion/session/live_session.h"
#include "bastion/upstream/reachability.h"

namespace bastion::admin {

struct SessionsInquiry {};
struct ReachabilityInquiry {
  std::optional<std::string> backend = std::nullopt;  // nothing: of all
};

struct InstancesInquiry {
  std::string backend;
};

using Inquiry =
    std::variant<std::monostate, SessionsInquiry, ReachabilityInquiry, probe::Rehearsal::Question, InstancesInquiry>;

[[nodiscard]] inline bool asks_nothing(const Inquiry& inquiry) {
  return std::holds_alternative<std::monostate>(inquiry);
}

// The answers. Nothing where that was not asked, or where no bastion serves that could be.
struct Findings {
  std::optional<std::vector<session::LiveSession>> sessions = std::nullopt;
  std::optional<std::vector<upstream::Reachability>> reachability = std::nullopt;
  std::optional<probe::Rehearsal> rehearsal = std::nullopt;
  // What `incus list --format json` has printed on the backend, or why it has not.
  std::optional<Result<std::string>> instances = std::nullopt;

  [[nodiscard]] bool answer(const Inquiry& inquiry) const {
    return std::visit(
        Match{[](std::monostate) { return true; }, [this](const SessionsInquiry&) { return sessions.has_value(); },
              [this](const ReachabilityInquiry&) { return reachability.has_value(); },
              [this](const probe::Rehearsal::Question&) { return rehearsal.has_value(); },
              [this](const InstancesInquiry&) { return instances.has_value(); }},
        inquiry);
  }
};

}  // namespace bastion::admin
