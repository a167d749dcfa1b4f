// Tells when a descriptor can be read or written. Level-triggered.
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
  Handle<uv_poll_s> uv_;
  std::function<void(unsigned)> on_ready_;
  unsigned watched_ = none;
};

}  // namespace bastion::loop
