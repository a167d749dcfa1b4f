// Notices a peer that is gone without a word: asks when it has been quiet for a while, gives up after some silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "bastion/loop/timer.h"

namespace bastion::login {

class Keepalive {
 public:
  struct Peer {
    std::function<std::uint64_t()> heard;  // bytes read from it so far
    std::function<void()> ask;
    std::function<void()> give_up;
  };

  // Asks every `interval` without a byte, and gives up when `patience` questions in a row stayed unanswered.
  Keepalive(loop::Loop& loop, std::chrono::seconds interval, int patience, Peer peer);

 private:
  void on_time();

  int patience_;
  Peer peer_;
  std::uint64_t heard_ = 0;
  int unanswered_ = 0;
  loop::Timer timer_;
};

}  // namespace bastion::login
