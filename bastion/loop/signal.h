// A process signal as an event of the loop.
#pragma once

#include <functional>

#include "bastion/loop/handle.h"

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

  Handle<State> state_;
};

}  // namespace bastion::loop
