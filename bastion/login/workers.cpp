#include "bastion/login/workers.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "bastion/login/survey.h"
#include "bastion/login/worker.h"
#include "bastion/loop/loop.h"

namespace bastion::login {
namespace {

// Belongs to the asker's thread. Shared with the answers, which may come when whoever asked is gone.
struct Gathering {
  Workers::OnSessions on_sessions;
  std::size_t missing = 0;
  std::vector<LiveSession> sessions = {};

  void take(std::vector<LiveSession> some) {
    std::ranges::move(some, std::back_inserter(sessions));
    if (--missing > 0 || !on_sessions) return;
    std::ranges::sort(sessions, {}, [](const LiveSession& one) { return std::tie(one.since, one.id); });
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

// Belongs to the asker's thread too.
struct Rehearsing {
  Workers::OnRehearsal on_rehearsal;
};

class RehearsalQuestion final : public Workers::Question {
 public:
  explicit RehearsalQuestion(std::shared_ptr<Rehearsing> rehearsing) : rehearsing_(std::move(rehearsing)) {}
  RehearsalQuestion(const RehearsalQuestion&) = delete;
  RehearsalQuestion& operator=(const RehearsalQuestion&) = delete;
  ~RehearsalQuestion() override { rehearsing_->on_rehearsal = nullptr; }

 private:
  std::shared_ptr<Rehearsing> rehearsing_;
};

class ReachabilityQuestion final : public Workers::Question {
 public:
  ReachabilityQuestion(loop::Loop& asker, const std::vector<Worker*>& workers,
                       const std::optional<std::string>& backend, Workers::OnReachability on_reachability)
      : survey_(asker, workers, backend, std::move(on_reachability)) {}

 private:
  Survey survey_;
};

}  // namespace

std::unique_ptr<Workers::Question> Workers::ask_sessions(loop::Loop& asker, OnSessions on_sessions) {
  const auto gathering =
      std::make_shared<Gathering>(Gathering{.on_sessions = std::move(on_sessions), .missing = workers_.size()});
  for (auto* const worker : workers_) {
    worker->report([&asker, gathering](std::vector<LiveSession> sessions) {
      asker.post([gathering, sessions = std::move(sessions)]() mutable { gathering->take(std::move(sessions)); });
    });
  }
  return std::make_unique<SessionsQuestion>(gathering);
}

std::unique_ptr<Workers::Question> Workers::ask_rehearsal(loop::Loop& asker, Rehearsal::Question question,
                                                          OnRehearsal on_rehearsal) {
  const auto rehearsing = std::make_shared<Rehearsing>(Rehearsing{std::move(on_rehearsal)});
  workers_[next_++ % workers_.size()]->rehearse(std::move(question), [&asker, rehearsing](Rehearsal rehearsal) {
    asker.post([rehearsing, rehearsal = std::move(rehearsal)]() mutable {
      if (rehearsing->on_rehearsal) std::exchange(rehearsing->on_rehearsal, nullptr)(std::move(rehearsal));
    });
  });
  return std::make_unique<RehearsalQuestion>(rehearsing);
}

std::unique_ptr<Workers::Question> Workers::ask_reachability(loop::Loop& asker,
                                                             const std::optional<std::string>& backend,
                                                             OnReachability on_reachability) {
  return std::make_unique<ReachabilityQuestion>(asker, workers_, backend, std::move(on_reachability));
}

void Workers::end(const std::vector<std::string>& sessions, const End& end) {
  for (auto* const worker : workers_) worker->end(sessions, end);
}

void Workers::vacate(const ContainerPlace& place, const End& end) {
  for (auto* const worker : workers_) worker->vacate(place, end);
}

}  // namespace bastion::login
