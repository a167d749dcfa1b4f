// The sessions of every bastion of a fleet, as one: what commands ask and have done reaches all of them, through the
// fleet's database. Where there is no fleet it is this bastion alone. What is measured (explain, backends) is measured
// here, unless another one is named.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "store/fleet/place.h"

namespace bastion::loop {
class Executor;
}

namespace bastion::admin {

class FleetRuntime final : public Runtime {
 public:
  // `here` is that of this bastion, and `questions` runs what asks the others; both outlive it. `database` is this
  // bastion's copy of the directory.
  FleetRuntime(Runtime& here, loop::Executor& questions, std::filesystem::path database,
               std::optional<store::fleet::Place> fleet)
      : here_(here), questions_(questions), database_(std::move(database)), fleet_(std::move(fleet)) {}
  FleetRuntime(const FleetRuntime&) = delete;
  FleetRuntime& operator=(const FleetRuntime&) = delete;

  // Those of this bastion.
  [[nodiscard]] std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions) override {
    return here_.ask_sessions(asker, std::move(on_sessions));
  }
  [[nodiscard]] std::unique_ptr<Question> ask_everywhere(loop::Loop& asker, OnEverywhere on_everywhere) override;
  // A bastion that does not answer within a second is named.
  [[nodiscard]] std::unique_ptr<Question> ask_activities(loop::Loop& asker, const OnActivities& on_activities) override;
  [[nodiscard]] std::unique_ptr<Question> ask_explanation(loop::Loop& asker, probe::Explanation::Question question,
                                                          OnExplanation on_explanation) override {
    return here_.ask_explanation(asker, std::move(question), std::move(on_explanation));
  }
  [[nodiscard]] std::unique_ptr<Question> ask_explanation_at(loop::Loop& asker, const std::string& node,
                                                             const probe::Explanation::Question& question,
                                                             const OnNodeExplanation& on_explanation) override;
  [[nodiscard]] std::unique_ptr<Question> ask_reachability(loop::Loop& asker, const std::optional<std::string>& backend,
                                                           OnReachability on_reachability) override {
    return here_.ask_reachability(asker, backend, std::move(on_reachability));
  }
  [[nodiscard]] std::unique_ptr<Question> ask_instances(loop::Loop& asker, std::string backend, std::string projects,
                                                        OnInstances on_instances) override {
    return here_.ask_instances(asker, std::move(backend), std::move(projects), std::move(on_instances));
  }
  void carry_out(const probe::Order& order, const OnOrdered& on_ordered) override {
    here_.carry_out(order, on_ordered);
  }
  // These at this bastion.
  void end(const std::vector<std::string>& sessions, const End& end) override { here_.end(sessions, end); }
  void vacate(const access::ContainerPlace& place, const End& end) override { here_.vacate(place, end); }
  void bans_changed(const std::optional<Network>& lifted) override { here_.bans_changed(lifted); }
  // And everywhere.
  std::string take_effect(const SessionEffects& effects) override;

 private:
  Runtime& here_;
  loop::Executor& questions_;
  std::filesystem::path database_;
  std::optional<store::fleet::Place> fleet_;
};

}  // namespace bastion::admin
