// Takes accepted connections through the accept stage, where there is one, and hands them on.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string_view>

#include "bastion/base/endpoint.h"
#include "bastion/loop/descriptor.h"
#include "bastion/server/accept_stage.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class Acceptor {
 public:
  struct Events {
    std::function<void(loop::Descriptor connection, const AcceptStage::Pass& pass)> on_accepted;
    // The stage, or a limit here, has turned somebody away. Who has left by itself is not told: health checks do.
    std::function<void(const Endpoint& peer)> on_dropped;
  };

  // Whoever has not sent what the stage looks for by then is dropped, and so is whoever comes while this many wait.
  struct Limits {
    std::chrono::milliseconds timeout{5000};
    std::size_t waiting = 1024;
  };

  // `stage` outlives it; nullptr: every connection goes on at once, and costs nothing here.
  Acceptor(loop::Loop& loop, AcceptStage* stage, const Limits& limits, Events events);
  // Those that wait are dropped.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void take(loop::Descriptor connection, const Endpoint& peer);
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  class Waiting;

  void over(const Waiting& waiting);
  void drop(const Endpoint& peer, std::string_view why);

  loop::Loop& loop_;
  AcceptStage* stage_;
  Limits limits_;
  Events events_;
  std::list<std::unique_ptr<Waiting>> waiting_;
};

}  // namespace bastion::server
