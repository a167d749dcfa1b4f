// A fixed number of threads for what may block, with a bounded queue before them. Each kind of waiting has its own: who
// waits for a locked database holds up nobody who waits for a name server.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::loop {

// All public functions but the destructor may be called from any thread.
class Executor {
 public:
  struct Size {
    std::size_t threads = 1;
    std::size_t queue = 1;  // jobs that may wait when every thread has one
  };
  struct Counts {
    std::size_t queued = 0;
    std::size_t running = 0;
    std::uint64_t refused = 0;  // since it was made
  };
  using Job = std::move_only_function<void()>;
  // A job that was taken.
  using Ticket = std::uint64_t;

  // `jobs` is what they are called, in the plural: "name look-ups". With all its threads, or an error.
  [[nodiscard]] static Result<std::unique_ptr<Executor>> start(std::string jobs, Size size);
  // As close(), and waits for what has begun, however long that takes.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Jobs begin in the order in which they come. Where there is no room, or it is closed, the job is destroyed and the
  // error is for whoever asked for it. What a job throws goes to the log.
  [[nodiscard]] Result<Ticket> submit(Job job);
  // A job that has not begun never does, and makes room; what has begun, or is over, is left alone.
  void withdraw(Ticket ticket);

  // Nothing begins any more; waits for what has begun, for so long at most. False: something goes on. It may be called
  // again.
  [[nodiscard]] bool close(std::chrono::milliseconds within);

  [[nodiscard]] const std::string& jobs() const { return jobs_; }
  [[nodiscard]] Counts counts() const;
  // Something runs, or waits for that.
  [[nodiscard]] bool is_busy() const { return queued_ + running_ > 0; }

 private:
  struct Waiting {
    Ticket ticket = 0;
    Job job;
  };

  Executor(std::string jobs, Size size);
  void run();
  [[nodiscard]] Job next();
  void ended();
  [[nodiscard]] bool has_room() const { return queued_ + running_ < size_.threads + size_.queue; }

  const std::string jobs_;
  const Size size_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;  // guarded by mutex_, as what follows
  Ticket last_ = 0;
  bool closed_ = false;
  bool full_ = false;  // and the log has said so
  // Changed under mutex_ too, and read without it.
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<std::size_t> running_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace bastion::loop
