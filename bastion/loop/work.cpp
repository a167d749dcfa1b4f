#include "bastion/loop/work.h"

#include <mutex>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

// From a job to the loop of its owner, for as long as there is one: afterwards nobody may touch the loop from here.
class Work::Line {
 public:
  Line(Loop& loop, OnRefused on_refused) : loop_(&loop), on_refused_(std::move(on_refused)) {}

  // From any thread.
  static void say(const std::shared_ptr<Line>& line, Then then) {
    const std::lock_guard lock(line->mutex_);
    if (line->loop_ == nullptr) return;
    line->loop_->post([line, then = std::move(then)]() mutable {
      line->on_refused_ = nullptr;
      if (line->loop_ != nullptr) then();
    });
  }
  // The same.
  static void refuse(const std::shared_ptr<Line>& line, Error why) {
    const std::lock_guard lock(line->mutex_);
    if (line->loop_ == nullptr) return;
    line->loop_->post([line, why = std::move(why)] {
      if (line->loop_ != nullptr) std::exchange(line->on_refused_, nullptr)(why);
    });
  }
  // On the loop's thread, as the end of it is.
  void cut() {
    on_refused_ = nullptr;
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Loop* loop_;            // changed on the loop's thread only, and under mutex_
  OnRefused on_refused_;  // of the loop's thread alone
};

// A job that has not begun: where it goes without that, whoever waits for it is told.
class Work::Unbegun {
 public:
  Unbegun(std::shared_ptr<Line> line, Job job) : line_(std::move(line)), job_(std::move(job)) {}
  Unbegun(const Unbegun&) = delete;
  Unbegun& operator=(const Unbegun&) = delete;
  ~Unbegun() {
    if (!has_begun_) contained("a job", [this] { Line::refuse(line_, std::move(why_)); });
  }

  void refused(const Error& why) { why_ = why; }
  void begin() {
    has_begun_ = true;
    Then then;
    contained("a job", [&] { then = job_(); });
    contained("the end of a job", [&] { job_ = nullptr; });
    if (then) Line::say(line_, std::move(then));
  }

 private:
  std::shared_ptr<Line> line_;
  Job job_;
  bool has_begun_ = false;
  Error why_{"the bastion is shutting down"};
};

Work::Work(Loop& loop, Executor& executor, Job job, OnRefused on_refused)
    : executor_(executor), line_(std::make_shared<Line>(loop, std::move(on_refused))) {
  const auto unbegun = std::make_shared<Unbegun>(line_, std::move(job));
  const auto taken = executor.submit([unbegun] { unbegun->begin(); });
  if (taken) {
    ticket_ = *taken;
  } else {
    unbegun->refused(taken.error());
  }
}

Work::~Work() {
  line_->cut();
  executor_.withdraw(ticket_);
}

}  // namespace bastion::loop
