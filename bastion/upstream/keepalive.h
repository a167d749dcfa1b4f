// Notices a peer that is gone without a word: asks when it has been quiet for a while, gives up after some silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "bastion/loop/timer.h"
#include "bastion/upstream/silence.h"

namespace bastion::upstream {

class Keepalive {
 public:
  struct Peer {
    std::function<std::uint64_t()> heard;  // bytes read from it so far
    std::function<void()> ask;
    std::function<void()> give_up;
    std::function<bool()> paused = {};  // true while we do not read from it ourselves; empty: never
  };
  // The hop that the peer is reached through, if there is one. It has a keepalive of its own, and its end is
  // everybody's: while it is silent, what is behind it is not given up.
  struct Carrier {
    std::function<std::uint64_t()> heard;
    std::function<void()> ask;
  };

  // Asks after every `interval` without a byte, and gives up when `count` questions in a row stayed unanswered.
  Keepalive(loop::Loop& loop, std::chrono::seconds interval, int count, Peer peer, Carrier carrier = {});

 private:
  void on_time();

  Peer peer_;
  Carrier carrier_;
  Silence silence_;
  loop::Timer timer_;
};

}  // namespace bastion::upstream
