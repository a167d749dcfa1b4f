// Calls back after a while. Destroying the timer stops it, and may happen inside its callback.
#pragma once

#include <chrono>
#include <functional>

#include "bastion/loop/handle.h"

namespace bastion::loop {

class Loop;

class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_time);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(std::chrono::milliseconds after);
  void repeat(std::chrono::milliseconds every);
  void stop();

 private:
  struct State;

  Handle<State> state_;
};

}  // namespace bastion::loop
