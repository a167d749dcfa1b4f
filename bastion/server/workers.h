// All workers as one: what may be asked of them from any other thread. They answer by posting, as everybody does.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/probe/instances.h"
#include "bastion/server/activity_question.h"

namespace bastion::server {

class Worker;

class Workers final : public admin::Runtime {
 public:
  using OnBansChanged = std::function<void(const std::optional<Network>& lifted)>;

  // `on_bans_changed` is called from any thread.
  explicit Workers(OnBansChanged on_bans_changed) : on_bans_changed_(std::move(on_bans_changed)) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Before anybody asks anything. Nobody asks any more when a worker goes.
  void add(Worker& worker) { workers_.push_back(&worker); }

  // So too: what is said of the process as a whole. Without it nobody is asked what happens.
  void shows(const ProcessView& process) { process_.emplace(process); }

  [[nodiscard]] std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions) override;
  [[nodiscard]] std::unique_ptr<Question> ask_activities(loop::Loop& asker, const OnActivities& on_activities) override;
  [[nodiscard]] std::unique_ptr<Question> ask_explanation(loop::Loop& asker, probe::Explanation::Question question,
                                                          OnExplanation on_explanation) override;
  [[nodiscard]] std::unique_ptr<Question> ask_reachability(loop::Loop& asker, const std::optional<std::string>& backend,
                                                           OnReachability on_reachability) override;
  [[nodiscard]] std::unique_ptr<Question> ask_instances(loop::Loop& asker, std::string backend, std::string projects,
                                                        OnInstances on_instances) override;
  [[nodiscard]] std::unique_ptr<Question> ask_instances(loop::Loop& asker, probe::InstancesWanted wanted,
                                                        OnInstances on_instances);
  [[nodiscard]] std::unique_ptr<Question> ask_order(loop::Loop& asker, probe::Order order, OnOrdered on_ordered);
  void carry_out(const probe::Order& order, const OnOrdered& on_ordered) override;
  // They are about to end: who orders something from now on is told so at once.
  void take_no_orders() { takes_orders_ = false; }
  void end(const std::vector<std::string>& sessions, const End& end) override;
  void vacate(const access::ContainerPlace& place, const End& end) override;
  void bans_changed(const std::optional<Network>& lifted) override { on_bans_changed_(lifted); }

 private:
  // The one whose turn it is.
  [[nodiscard]] Worker& next() { return *workers_[next_++ % workers_.size()]; }

  OnBansChanged on_bans_changed_;
  std::vector<Worker*> workers_;
  std::optional<ProcessView> process_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> takes_orders_ = true;
};

}  // namespace bastion::server
