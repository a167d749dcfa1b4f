// Calls back after a while. Destroying the timer stops it, and may happen inside its callback.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

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
  struct Close {
    void operator()(State* state) const;
  };

  std::unique_ptr<State, Close> state_;
};

}  // namespace bastion::loop
