#include "bastion/server/wakers.h"

#include <cstddef>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/server/worker.h"

namespace bastion::server {
namespace {

// Belongs to the asker's thread; so does what it shares with the answer.
class WakeQuestion final : public wake::Alarm::Question {
 public:
  explicit WakeQuestion(wake::Alarm::OnOver on_over)
      : on_over_(std::make_shared<wake::Alarm::OnOver>(std::move(on_over))) {}
  WakeQuestion(const WakeQuestion&) = delete;
  WakeQuestion& operator=(const WakeQuestion&) = delete;
  ~WakeQuestion() override { *on_over_ = nullptr; }

  // To be called by the worker that starts it.
  [[nodiscard]] wake::Alarm::OnOver answer_for(loop::Loop& asker) const {
    return [&asker, on_over = on_over_](wake::Woken woken) {
      asker.post([on_over, woken = std::move(woken)]() mutable {
        if (*on_over) std::exchange(*on_over, nullptr)(std::move(woken));
      });
    };
  }

 private:
  std::shared_ptr<wake::Alarm::OnOver> on_over_;
};

}  // namespace

std::unique_ptr<wake::Alarm::Question> Wakers::ask(loop::Loop& asker, wake::Wanted wanted, OnOver on_over) {
  auto question = std::make_unique<WakeQuestion>(std::move(on_over));
  auto& home = *workers_[static_cast<std::size_t>(wanted.id) % workers_.size()];
  home.wake(std::move(wanted), question->answer_for(asker));
  return question;
}

}  // namespace bastion::server
