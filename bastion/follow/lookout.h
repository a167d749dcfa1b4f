// Who is asked where a container is now that a login has not found where the directory has it, from the thread of any
// worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "bastion/base/task.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::follow {

class Lookout {
 public:
  // Destroyed, it does not hear any more; what was begun goes on.
  class Question {
   public:
    virtual ~Question() = default;
  };
  using OnOver = std::function<void()>;

  virtual ~Lookout() = default;
  // The source of this backend has been asked since, or cannot be: what it said stands in the store. Called once, on
  // the asker's loop, unless the question is destroyed before.
  [[nodiscard]] virtual std::unique_ptr<Question> ask(loop::Loop& asker, std::int64_t source, std::int64_t container,
                                                      OnOver on_over) = 0;
};

// Waits for it, and not for long.
class LookUp {
 public:
  static constexpr std::chrono::seconds kLongest{10};

  LookUp(Lookout& lookout, loop::Loop& asker, std::int64_t source, std::int64_t container)
      : too_late_(asker, [this] { over_.set({}); }) {
    too_late_.start(kLongest);
    question_ = lookout.ask(asker, source, container, [this] { over_.set({}); });
  }
  LookUp(const LookUp&) = delete;
  LookUp& operator=(const LookUp&) = delete;

  struct Over {};
  [[nodiscard]] Event<Over>& over() { return over_; }

 private:
  Event<Over> over_;
  loop::Timer too_late_;
  std::unique_ptr<Lookout::Question> question_;
};

}  // namespace bastion::follow
