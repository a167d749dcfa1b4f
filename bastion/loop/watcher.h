// Tells when a descriptor can be read or written. Level-triggered. May be destroyed inside its callback; must be before
// another watcher is made for the same descriptor.
#pragma once

#include <functional>

#include "bastion/loop/handle.h"

namespace bastion::loop {

class Loop;

class Watcher {
 public:
  enum Readiness : unsigned { none = 0, readable = 1, writable = 2 };

  // `fd` stays the caller's and must outlive the watcher.
  Watcher(Loop& loop, int fd, std::function<void(unsigned readiness)> on_ready);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void watch(unsigned readiness);

 private:
  struct State;

  Handle<State> state_;
};

}  // namespace bastion::loop
