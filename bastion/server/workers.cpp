#include "bastion/server/workers.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/server/fan_out.h"
#include "bastion/server/worker.h"

namespace bastion::server {
namespace {

// Belongs to the asker's thread. Shared with the answers, which may come when whoever asked is gone.
struct Gathering {
  Workers::OnSessions on_sessions;
  std::size_t missing = 0;
  std::vector<session::LiveSession> sessions = {};

  void take(std::vector<session::LiveSession> some) {
    std::ranges::move(some, std::back_inserter(sessions));
    if (--missing > 0 || !on_sessions) return;
    std::ranges::sort(sessions, {}, [](const session::LiveSession& one) { return std::tie(one.since, one.id); });
    std::exchange(on_sessions, nullptr)(std::move(sessions));
  }
};

class SessionsQuestion final : public Workers::Question {
 public:
  explicit SessionsQuestion(std::shared_ptr<Gathering> gathering) : gathering_(std::move(gathering)) {}
  SessionsQuestion(const SessionsQuestion&) = delete;
  SessionsQuestion& operator=(const SessionsQuestion&) = delete;
  ~SessionsQuestion() override { gathering_->on_sessions = nullptr; }

 private:
  std::shared_ptr<Gathering> gathering_;
};

// What one worker answers. It belongs to the asker's thread too.
template <typename Answer>
class OneAnswer final : public Workers::Question {
 public:
  using OnAnswer = std::function<void(Answer)>;

  explicit OneAnswer(OnAnswer on_answer) : on_answer_(std::make_shared<OnAnswer>(std::move(on_answer))) {}
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() override { *on_answer_ = nullptr; }

  // To be called by the worker.
  [[nodiscard]] OnAnswer take_for(loop::Loop& asker) const {
    return [&asker, on_answer = on_answer_](Answer answer) {
      asker.post([on_answer, answer = std::move(answer)]() mutable {
        if (*on_answer) std::exchange(*on_answer, nullptr)(std::move(answer));
      });
    };
  }

 private:
  std::shared_ptr<OnAnswer> on_answer_;
};

class ReachabilityQuestion final : public Workers::Question {
 public:
  ReachabilityQuestion(loop::Loop& asker, const std::vector<Worker*>& workers,
                       const std::optional<std::string>& backend, Workers::OnReachability on_reachability)
      : fan_out_(asker, workers, backend, std::move(on_reachability)) {}

 private:
  FanOut fan_out_;
};

}  // namespace

std::unique_ptr<Workers::Question> Workers::ask_sessions(loop::Loop& asker, OnSessions on_sessions) {
  const auto gathering =
      std::make_shared<Gathering>(Gathering{.on_sessions = std::move(on_sessions), .missing = workers_.size()});
  for (auto* const worker : workers_) {
    worker->report([&asker, gathering](std::vector<session::LiveSession> sessions) {
      asker.post([gathering, sessions = std::move(sessions)]() mutable { gathering->take(std::move(sessions)); });
    });
  }
  return std::make_unique<SessionsQuestion>(gathering);
}

std::unique_ptr<Workers::Question> Workers::ask_activities(loop::Loop& asker, const OnActivities& on_activities) {
  if (!process_) return Runtime::ask_activities(asker, on_activities);
  return std::make_unique<ActivityQuestion>(asker, workers_, *process_, on_activities);
}

std::unique_ptr<Workers::Question> Workers::ask_explanation(loop::Loop& asker, probe::Explanation::Question question,
                                                            OnExplanation on_explanation) {
  auto asked = std::make_unique<OneAnswer<probe::Explanation>>(std::move(on_explanation));
  next().explain(std::move(question), asked->take_for(asker));
  return asked;
}

std::unique_ptr<Workers::Question> Workers::ask_instances(loop::Loop& asker, std::string backend, std::string projects,
                                                          OnInstances on_instances) {
  probe::InstancesWanted wanted{.backend = std::move(backend), .projects = std::move(projects)};
  return ask_instances(asker, std::move(wanted), std::move(on_instances));
}

std::unique_ptr<Workers::Question> Workers::ask_instances(loop::Loop& asker, probe::InstancesWanted wanted,
                                                          OnInstances on_instances) {
  auto asked = std::make_unique<OneAnswer<Result<std::string>>>(std::move(on_instances));
  next().list_instances(std::move(wanted), asked->take_for(asker));
  return asked;
}

std::unique_ptr<Workers::Question> Workers::ask_order(loop::Loop& asker, probe::Order order, OnOrdered on_ordered) {
  auto asked = std::make_unique<OneAnswer<Result<probe::Ordered>>>(std::move(on_ordered));
  next().carry_out(std::move(order), asked->take_for(asker));
  return asked;
}

void Workers::carry_out(const probe::Order& order, const OnOrdered& on_ordered) {
  if (!takes_orders_) return on_ordered(fail("the bastion is about to end"));
  next().carry_out(order, on_ordered);
}

std::unique_ptr<Workers::Question> Workers::ask_reachability(loop::Loop& asker,
                                                             const std::optional<std::string>& backend,
                                                             OnReachability on_reachability) {
  return std::make_unique<ReachabilityQuestion>(asker, workers_, backend, std::move(on_reachability));
}

void Workers::end(const std::vector<std::string>& sessions, const End& end) {
  for (auto* const worker : workers_) worker->end(sessions, end);
}

void Workers::vacate(const access::ContainerPlace& place, const End& end) {
  for (auto* const worker : workers_) worker->vacate(place, end);
}

}  // namespace bastion::server
