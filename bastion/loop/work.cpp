#include "bastion/loop/work.h"

#include <mutex>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

// From a job to the loop of its owner, for as long as there is one: afterwards nobody may touch the loop from here.
class Work::Line {
 public:
  explicit Line(Loop& loop) : loop_(&loop) {}

  // From any thread.
  static void say(const std::shared_ptr<Line>& line, Then then) {
    const std::lock_guard lock(line->mutex_);
    if (line->loop_ == nullptr) return;
    line->loop_->post([line, then = std::move(then)]() mutable {
      if (line->loop_ != nullptr) then();
    });
  }
  // On the loop's thread, as the end of it is.
  void cut() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Loop* loop_;  // changed on the loop's thread only, and under mutex_
};

Work::Work(Loop& loop, Executor& executor, Job job, OnRefused on_refused)
    : executor_(executor), line_(std::make_shared<Line>(loop)) {
  const auto taken = executor.submit([line = line_, job = std::move(job)]() mutable {
    Then then;
    contained("a job", [&] { then = job(); });
    contained("the end of a job", [&] { job = nullptr; });
    if (then) Line::say(line, std::move(then));
  });
  if (taken) {
    ticket_ = *taken;
  } else {
    Line::say(line_, [why = taken.error(), on_refused = std::move(on_refused)]() mutable { on_refused(why); });
  }
}

Work::~Work() {
  line_->cut();
  executor_.withdraw(ticket_);
}

}  // namespace bastion::loop
