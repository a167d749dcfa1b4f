// Something that may block, on a thread of an executor.
#pragma once

#include <functional>
#include <memory>

#include "bastion/base/result.h"
#include "bastion/loop/executor.h"

namespace bastion::loop {

class Loop;

class Work {
 public:
  // What is to be done with the outcome of a job.
  using Then = std::move_only_function<void()>;
  // Runs on another thread, at the same time as its owner and maybe after it: it owns, or shares, whatever it touches.
  // What it throws goes to the log, and there is no Then: who waits for one returns errors.
  using Job = std::move_only_function<Then()>;
  // Called in the place of the Then, on the loop's thread as well, where the executor has no room for the job, or is
  // closed before it begins.
  using OnRefused = std::move_only_function<void(const Error& why)>;

  // Starts at once, when a thread of the executor is free. What the job returns is called on the loop's thread, and may
  // destroy the Work. `loop` and `executor` outlive it; a job that is running may outlive the loop.
  Work(Loop& loop, Executor& executor, Job job, OnRefused on_refused);
  // A job that has not begun never does; the Then of one that has is dropped, on whichever thread it is.
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  class Line;
  class Unbegun;

  Executor& executor_;
  std::shared_ptr<Line> line_;  // the job's too
  Executor::Ticket ticket_ = 0;
};

}  // namespace bastion::loop
