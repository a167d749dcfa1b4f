// Refused connections, kept for a moment before they are told so. Whoever comes again as soon as it is refused comes
// that much more seldom, which costs less than any other way to refuse; nobody who is let in waits for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "bastion/loop/descriptor.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

// As OpenSSH's sshd does it, which has one sentence for everybody it drops, and closes. Nobody waits for a peer that
// does not read it.
void refuse(loop::Descriptor connection);

class Tarpit {
 public:
  static constexpr std::chrono::milliseconds kHold{1000};

  // So many at a time: of the descriptors that this process may have, few.
  [[nodiscard]] static std::size_t usual_size();

  Tarpit(loop::Loop& loop, std::size_t size) : loop_(loop), size_(size), due_(loop, [this] { let_go(); }) {}

  // When there are too many, the one that has been there for longest goes.
  void take(loop::Descriptor connection);
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    std::chrono::milliseconds until;
    loop::Descriptor connection;
  };

  void let_go();

  loop::Loop& loop_;
  std::size_t size_;
  std::deque<Held> held_;  // whoever goes first stands first
  loop::Timer due_;
};

}  // namespace bastion::server
