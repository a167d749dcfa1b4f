#include "bastion/loop/executor.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"

namespace bastion::loop {
namespace {

// pthread_setname_np(3): more than this is refused.
constexpr std::size_t kLongestName = 15;

}  // namespace

Result<std::unique_ptr<Executor>> Executor::start(std::string jobs, Size size) {
  std::unique_ptr<Executor> executor(new Executor(std::move(jobs), size));
  for (std::size_t i = 0; i < size.threads; ++i) {
    auto thread = start_thread([made = executor.get()] { made->run(); });
    if (!thread) return std::unexpected(std::move(thread.error()));
    executor->threads_.push_back(*std::move(thread));
  }
  return executor;
}

Executor::Executor(std::string jobs, Size size) : jobs_(std::move(jobs)), size_(size) {}

Executor::~Executor() {
  std::ignore = close(std::chrono::milliseconds::zero());
  for (auto& thread : threads_) thread.join();
}

Result<Executor::Ticket> Executor::submit(Job job) {
  std::unique_lock lock(mutex_);
  if (closed_) return fail("the bastion is shutting down");
  if (!has_room()) {
    ++refused_;
    const bool is_news = !std::exchange(full_, true);
    lock.unlock();
    if (is_news) log::warning("too many {} waiting: more of them are refused", jobs_);
    return fail("the bastion has too many {} waiting; try again", jobs_);
  }
  full_ = false;
  waiting_.push_back({.ticket = ++last_, .job = std::move(job)});
  ++queued_;
  wake_.notify_one();
  return last_;
}

// A queue is short: it may be walked.
void Executor::withdraw(Ticket ticket) {
  Job withdrawn;  // destroyed when the lock is gone
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(waiting_, ticket, &Waiting::ticket);
  if (found == waiting_.end()) return;
  withdrawn = std::move(found->job);
  waiting_.erase(found);
  --queued_;
}

bool Executor::close(std::chrono::milliseconds within) {
  std::deque<Waiting> dropped;
  std::unique_lock lock(mutex_);
  closed_ = true;
  dropped.swap(waiting_);
  queued_ = 0;
  wake_.notify_all();
  lock.unlock();
  dropped.clear();  // whoever waits for one of them is told before the others are waited for
  lock.lock();
  return idle_.wait_for(lock, within, [this] { return running_ == 0; });
}

Executor::Counts Executor::counts() const { return {.queued = queued_, .running = running_, .refused = refused_}; }

void Executor::run() {
  ::pthread_setname_np(::pthread_self(), jobs_.substr(0, kLongestName).c_str());
  while (auto job = next()) {
    contained(jobs_, job);
    contained(jobs_, [&job] { job = nullptr; });
    ended();
  }
}

// Nothing: it is closed.
Executor::Job Executor::next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  if (closed_) return nullptr;
  auto job = std::move(waiting_.front().job);
  waiting_.pop_front();
  --queued_;
  ++running_;
  return job;
}

void Executor::ended() {
  const std::lock_guard lock(mutex_);
  if (--running_ == 0) idle_.notify_all();
}

}  // namespace bastion::loop
