// All workers as one: what may be asked of them from any other thread. They answer by posting, as everybody does.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/login/container_place.h"
#include "bastion/login/live_session.h"
#include "bastion/login/reachability.h"
#include "bastion/login/rehearsal.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::login {

class Worker;

class Workers {
 public:
  using OnSessions = std::function<void(std::vector<LiveSession>)>;
  using OnRehearsal = std::function<void(Rehearsal)>;
  using OnReachability = std::function<void(std::vector<Reachability>)>;
  using OnInstances = std::function<void(Result<std::string>)>;

  // A question that is still open. Destroying it drops the answer.
  class Question {
   public:
    virtual ~Question() = default;
  };

  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Before anybody asks anything. The worker must outlive this.
  void add(Worker& worker) { workers_.push_back(&worker); }

  // Every session that is running now, the oldest first. `asker` is the loop of whoever asks, on which the answer
  // comes; it must outlive the workers' threads.
  [[nodiscard]] std::unique_ptr<Question> ask_sessions(loop::Loop& asker, OnSessions on_sessions);
  // What would come of a login, tried by one of them.
  [[nodiscard]] std::unique_ptr<Question> ask_rehearsal(loop::Loop& asker, Rehearsal::Question question,
                                                        OnRehearsal on_rehearsal);
  // Which backends can be reached, or whether this one can: measured now, which takes some seconds at most. In no
  // order.
  [[nodiscard]] std::unique_ptr<Question> ask_reachability(loop::Loop& asker, const std::optional<std::string>& backend,
                                                           OnReachability on_reachability);
  // Which instances a backend runs, as instances.h has it: a minute at most.
  [[nodiscard]] std::unique_ptr<Question> ask_instances(loop::Loop& asker, std::string backend,
                                                        OnInstances on_instances);
  // Ends those that are still there.
  void end(const std::vector<std::string>& sessions, const End& end);
  // Ends whatever leads to a place that nobody is routed to any more: when this is called, the store says so already.
  void vacate(const ContainerPlace& place, const End& end);

 private:
  // The one whose turn it is.
  [[nodiscard]] Worker& next() { return *workers_[next_++ % workers_.size()]; }

  std::vector<Worker*> workers_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace bastion::login
