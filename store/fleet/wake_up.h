// What ends the waiting of a thread that waits in poll(2): an eventfd(2).
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <tuple>

namespace bastion::store::fleet {

class WakeUp {
 public:
  WakeUp() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~WakeUp() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // From any thread. It can be read from now on.
  void call() const {
    if (descriptor_ >= 0) std::ignore = ::eventfd_write(descriptor_, 1);
  }
  // Until the next call it cannot.
  void clear() const {
    eventfd_t calls = 0;
    if (descriptor_ >= 0) std::ignore = ::eventfd_read(descriptor_, &calls);
  }
  // -1: the system had none.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Until it was called, for so long at most.
  void wait(std::chrono::milliseconds most) const {
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
    std::ignore = ::poll(&ready, 1, static_cast<int>(most.count()));
  }

 private:
  int descriptor_;
};

}  // namespace bastion::store::fleet
