#include "bastion/admin/fleet_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

#include "bastion/admin/gathered_activities.h"
#include "bastion/admin/node_messages.h"
#include "bastion/admin/other_nodes.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"
#include "store/database.h"
#include "store/fleet/messages.h"
#include "store/fleet/replica.h"

namespace bastion::admin {
namespace {

using store::fleet::Place;
using Live = std::vector<session::LiveSession>;

Runtime::Everywhere ask_nodes(const Place& fleet) {
  store::fleet::Messages messages(fleet.database, fleet.node, kPatienceOfNodes);
  auto found = messages.ask(line_of(NodeRequest(PeerSessions{})), std::nullopt);
  if (!found)
    return {.sessions = {}, .missing = fmt::format("only sessions of {}: {}", fleet.node, found.error().text)};
  Runtime::Everywhere all;
  for (const auto& answer : found->answers) {
    auto sessions = sessions_in(answer.text);
    if (!sessions) {
      found->silent.push_back(answer.node);
      continue;
    }
    for (auto& session : *sessions) session.node = answer.node;
    std::ranges::move(*sessions, std::back_inserter(all.sessions));
  }
  all.missing = not_answered(found->silent, "the sessions there are missing");
  return all;
}

// Whoever looks at a screen wants to see the rest of it.
constexpr std::chrono::milliseconds kPatienceOfLookers{1000};

Activities ask_nodes_for_activities(const Place& fleet) {
  store::fleet::Messages messages(fleet.database, fleet.node, kPatienceOfLookers);
  auto found = messages.ask(line_of(NodeRequest(PeerActivities{})), std::nullopt);
  if (!found) return {.parts = {}, .missing = fmt::format("only {} is seen: {}", fleet.node, found.error().text)};
  Activities all;
  for (const auto& answer : found->answers) {
    auto activities = activities_in(answer.text);
    if (!activities) {
      found->silent.push_back(answer.node);
      continue;
    }
    for (auto& activity : *activities) activity.bastion = answer.node;
    std::ranges::move(*activities, std::back_inserter(all.parts));
  }
  all.missing = not_answered(found->silent, "what happens there is missing");
  return all;
}

// Belongs to the asker's thread, as what comes back to it does.
class SessionsEverywhere final : public Runtime::Question {
 public:
  explicit SessionsEverywhere(Runtime::OnEverywhere on_everywhere) : on_everywhere_(std::move(on_everywhere)) {}

  void ask(loop::Loop& asker, Runtime& here, loop::Executor& questions, const Place& fleet) {
    here_ = here.ask_sessions(asker, [this, node = fleet.node](Live sessions) {
      for (auto& session : sessions) session.node = node;
      take({.sessions = std::move(sessions), .missing = {}});
    });
    nodes_.emplace(
        asker, questions,
        [this, fleet]() -> loop::Work::Then {
          return [this, found = ask_nodes(fleet)]() mutable { take(std::move(found)); };
        },
        [this, node = fleet.node](const Error& why) {
          take({.sessions = {}, .missing = fmt::format("only sessions of {}: {}", node, why.text)});
        });
  }

 private:
  // The last one may destroy this.
  void take(Runtime::Everywhere some) {
    std::ranges::move(some.sessions, std::back_inserter(all_.sessions));
    if (!some.missing.empty()) all_.missing = std::move(some.missing);
    if (--missing_ > 0) return;
    std::ranges::sort(all_.sessions, {}, [](const session::LiveSession& one) { return std::tie(one.since, one.id); });
    const auto on_everywhere = std::move(on_everywhere_);
    on_everywhere(std::move(all_));
  }

  Runtime::OnEverywhere on_everywhere_;
  int missing_ = 2;
  Runtime::Everywhere all_;
  std::unique_ptr<Runtime::Question> here_;
  std::optional<loop::Work> nodes_;
};

Result<std::int64_t> number_here(const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto position = store::fleet::Replica::position_of(*database);
  if (!position) return std::unexpected(position.error());
  return position->number;
}

// Another bastion tries each step, and waits for what does not answer.
constexpr std::chrono::seconds kPatienceWithExplanation{30};

Result<probe::Explanation> ask_node(const Place& fleet, const std::string& node,
                                    const probe::Explanation::Question& question) {
  store::fleet::Messages messages(fleet.database, fleet.node, kPatienceWithExplanation);
  const auto found = messages.ask(line_of(NodeRequest(NodeExplanation{question})), node);
  if (!found) return std::unexpected(found.error());
  if (found->answers.empty()) return fail("{} has not answered: fleet list says whether it is there", node);
  auto explanation = explanation_in(found->answers.front().text);
  if (!explanation) return fail("{} does not know how to answer that: is it of an older release?", node);
  return *std::move(explanation);
}

// Belongs to the asker's thread, as SessionsEverywhere.
class ExplanationAt final : public Runtime::Question {
 public:
  ExplanationAt(loop::Loop& asker, loop::Executor& questions, const Place& fleet, std::string node,
                probe::Explanation::Question question, Runtime::OnNodeExplanation on_explanation)
      : on_explanation_(std::move(on_explanation)),
        work_(
            asker, questions,
            [this, fleet, node = std::move(node), question = std::move(question)]() -> loop::Work::Then {
              return [this, found = ask_node(fleet, node, question)]() mutable { take(std::move(found)); };
            },
            [this](const Error& why) { take(std::unexpected(why)); }) {}

 private:
  // May destroy this.
  void take(Result<probe::Explanation> found) {
    const auto on_explanation = std::move(on_explanation_);
    on_explanation(std::move(found));
  }

  Runtime::OnNodeExplanation on_explanation_;
  loop::Work work_;
};

}  // namespace

std::unique_ptr<Runtime::Question> FleetRuntime::ask_everywhere(loop::Loop& asker, OnEverywhere on_everywhere) {
  if (!fleet_) return here_.ask_everywhere(asker, std::move(on_everywhere));
  auto question = std::make_unique<SessionsEverywhere>(std::move(on_everywhere));
  question->ask(asker, here_, questions_, *fleet_);
  return question;
}

std::unique_ptr<Runtime::Question> FleetRuntime::ask_activities(loop::Loop& asker, const OnActivities& on_activities) {
  if (!fleet_) return here_.ask_activities(asker, on_activities);
  auto question = std::make_unique<GatheredActivities>(on_activities);
  question->ask(asker, here_, questions_, [fleet = *fleet_] { return ask_nodes_for_activities(fleet); });
  return question;
}

std::unique_ptr<Runtime::Question> FleetRuntime::ask_explanation_at(loop::Loop& asker, const std::string& node,
                                                                    const probe::Explanation::Question& question,
                                                                    const OnNodeExplanation& on_explanation) {
  if (fleet_ && node != fleet_->node) {
    return std::make_unique<ExplanationAt>(asker, questions_, *fleet_, node, question, on_explanation);
  }
  if (fleet_) return here_.ask_explanation(asker, question, on_explanation);
  return here_.ask_explanation_at(asker, node, question, on_explanation);
}

// Here first: whatever becomes of the others, it is done.
std::string FleetRuntime::take_effect(const SessionEffects& effects) {
  std::ignore = here_.take_effect(effects);
  if (!fleet_ || effects.are_none()) return {};
  const auto number = number_here(database_);
  if (!number) return fmt::format("done at {} only: {}", fleet_->node, number.error().text);
  return carry_out_elsewhere(*fleet_, node_effects(*number, effects));
}

}  // namespace bastion::admin
