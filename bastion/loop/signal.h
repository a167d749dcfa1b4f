// A process signal as an event of the loop.
#pragma once

#include <functional>
#include <memory>

namespace bastion::loop {

class Loop;

class Signal {
 public:
  Signal(Loop& loop, int number, std::function<void()> on_signal);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

 private:
  struct State;
  struct Close {
    void operator()(State* state) const;
  };

  std::unique_ptr<State, Close> state_;
};

}  // namespace bastion::loop
