// Something that may block, on a thread of libuv's pool.
#pragma once

#include <functional>

namespace bastion::loop {

class Loop;

class Work {
 public:
  // What is to be done with the outcome of a job.
  using Then = std::move_only_function<void()>;
  // Runs on another thread, at the same time as its owner and maybe after it: it owns, or shares, whatever it touches.
  // What it throws goes to the log, and there is no Then: who waits for one returns errors.
  using Job = std::move_only_function<Then()>;

  // Starts at once, when a thread of the pool is free. What the job returns is called on the loop's thread, and may
  // destroy the Work.
  Work(Loop& loop, Job job);
  // A job that has not begun never does; the Then of one that has is dropped.
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  struct Request;

  Request* request_;  // libuv's until it calls back; then it frees itself
};

}  // namespace bastion::loop
