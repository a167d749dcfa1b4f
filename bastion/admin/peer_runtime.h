// The sessions of every process that serves from one state directory, as one: what commands ask and have done reaches
// those that an upgrade has left in an older process, and from there those of the newest. What is measured (explain,
// backends) is measured by this process alone.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/peer_messages.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::loop {
class Executor;
}

namespace bastion::admin {

class PeerRuntime final : public Runtime {
 public:
  // A blocking connection to the socket of another one, as loop::connect_local(). From any thread.
  using Connect =
      std::function<Result<loop::Descriptor>(const std::filesystem::path& socket, std::chrono::milliseconds patience)>;

  // `own` is that of this process, and `questions` runs what asks the others; both outlive it.
  PeerRuntime(Runtime& own, loop::Executor& questions);
  PeerRuntime(Runtime& own, loop::Executor& questions, Connect connect)
      : own_(own), questions_(questions), connect_(std::move(connect)) {}
  PeerRuntime(const PeerRuntime&) = delete;
  PeerRuntime& operator=(const PeerRuntime&) = delete;

  // From any thread: the sockets of the others (peer_endpoint.h), from now on.
  void set_peers(std::vector<std::filesystem::path> sockets);

  // What each of the others has counted; nothing of one that has not answered. It waits for them, a second for
  // each at most: not on the thread of a loop, and the same for the next.
  [[nodiscard]] std::vector<std::optional<PeerFigures>> ask_figures() const;
  void tell_last_figures(const std::string& id, const PeerSamples& samples) const;
  // From any thread: whether there are others.
  [[nodiscard]] bool has_peers() const { return !peers()->empty(); }

  // Those of the others only.
  [[nodiscard]] std::unique_ptr<Question> ask_others(loop::Loop& asker, OnSessions on_sessions);
  // One that does not answer within seconds is left out, and the log says so.
  [[nodiscard]] std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions) override;
  // One that does not answer within a second is named.
  [[nodiscard]] std::unique_ptr<Question> ask_activities(loop::Loop& asker, const OnActivities& on_activities) override;
  [[nodiscard]] std::unique_ptr<Question> ask_explanation(loop::Loop& asker, probe::Explanation::Question question,
                                                          OnExplanation on_explanation) override {
    return own_.ask_explanation(asker, std::move(question), std::move(on_explanation));
  }
  [[nodiscard]] std::unique_ptr<Question> ask_reachability(loop::Loop& asker, const std::optional<std::string>& backend,
                                                           OnReachability on_reachability) override {
    return own_.ask_reachability(asker, backend, std::move(on_reachability));
  }
  [[nodiscard]] std::unique_ptr<Question> ask_instances(loop::Loop& asker, std::string backend, std::string projects,
                                                        OnInstances on_instances) override {
    return own_.ask_instances(asker, std::move(backend), std::move(projects), std::move(on_instances));
  }
  void carry_out(const probe::Order& order, const OnOrdered& on_ordered) override { own_.carry_out(order, on_ordered); }
  // These wait for the others, where there are any: not on the thread of a loop.
  void end(const std::vector<std::string>& sessions, const End& end) override;
  void vacate(const access::ContainerPlace& place, const End& end) override;
  void bans_changed(const std::optional<Network>& lifted) override;

 private:
  using Sockets = std::shared_ptr<const std::vector<std::filesystem::path>>;

  [[nodiscard]] Sockets peers() const;
  void tell_peers(const PeerQuestion& question) const;

  Runtime& own_;
  loop::Executor& questions_;
  const Connect connect_;
  mutable std::mutex mutex_;
  Sockets peers_ = std::make_shared<const std::vector<std::filesystem::path>>();  // guarded by mutex_
};

}  // namespace bastion::admin
