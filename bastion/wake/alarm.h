// Who is asked to start something that a login has found silent, from the thread of any worker.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "bastion/base/task.h"
#include "bastion/wake/wanted.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::wake {

class Alarm {
 public:
  // Destroyed, it does not hear any more; what was begun goes on.
  class Question {
   public:
    virtual ~Question() = default;
  };
  using OnOver = std::function<void(Woken)>;

  virtual ~Alarm() = default;
  // Once, on the asker's loop, unless the question is destroyed before.
  [[nodiscard]] virtual std::unique_ptr<Question> ask(loop::Loop& asker, Wanted wanted, OnOver on_over) = 0;
};

// Waits for it.
class Waking {
 public:
  Waking(Alarm& alarm, loop::Loop& asker, Wanted wanted)
      : question_(alarm.ask(asker, std::move(wanted), [this](Woken woken) { over_.set(std::move(woken)); })) {}
  Waking(const Waking&) = delete;
  Waking& operator=(const Waking&) = delete;

  [[nodiscard]] Event<Woken>& over() { return over_; }

 private:
  Event<Woken> over_;
  std::unique_ptr<Alarm::Question> question_;
};

}  // namespace bastion::wake
