// Signals of the process as events of a loop.
//
// libuv's own give a signal its default action back when nobody watches it any more: one more SIGTERM, or a SIGHUP,
// would then end the process in the last moments of an orderly end. Here a signal that is caught once stays caught.
#pragma once

#include <functional>
#include <initializer_list>

#include "bastion/loop/watcher.h"

namespace bastion::loop {

class Loop;

// From now on these are only remembered, until the process ends: also before there is a loop, and after it. One that
// comes many times before it is delivered counts once.
void catch_signals(std::initializer_list<int> numbers);

class Signals {
 public:
  // Delivers what is remembered and what comes, each number by itself: what one of them throws keeps none of the others
  // back. One at a time in a process; after a call of catch_signals().
  Signals(Loop& loop, std::function<void(int number)> on_signal);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void deliver();

  std::function<void(int)> on_signal_;
  Watcher watcher_;
};

}  // namespace bastion::loop
