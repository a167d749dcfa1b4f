// A question to all workers about their backends: what each knows of them, and then one measurement of each, by a
// worker that has a hop there already, if there is one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/upstream/reachability.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class Worker;

// Belongs to the thread of whoever asks: the workers answer by posting to its loop.
class FanOut {
 public:
  using OnKnown = std::function<void(std::vector<upstream::Reachability>)>;

  // Of one backend, or of all. `on_known` is called once, after a few seconds at most; not when this is destroyed
  // before.
  FanOut(loop::Loop& asker, std::vector<Worker*> workers, const std::optional<std::string>& backend, OnKnown on_known);
  ~FanOut();
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // with the answers, which may come when whoever asked is gone
};

}  // namespace bastion::server
