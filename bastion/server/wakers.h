// What all workers start together: each thing always the same worker, so that it is started once however many ask, and
// wherever they are.
#pragma once

#include <memory>
#include <vector>

#include "bastion/wake/alarm.h"

namespace bastion::server {

class Worker;

class Wakers final : public wake::Alarm {
 public:
  Wakers() = default;
  Wakers(const Wakers&) = delete;
  Wakers& operator=(const Wakers&) = delete;

  // All of them before anybody asks. Nobody asks any more when one goes.
  void add(Worker& worker) { workers_.push_back(&worker); }

  // From any thread.
  [[nodiscard]] std::unique_ptr<Question> ask(loop::Loop& asker, wake::Wanted wanted, OnOver on_over) override;

 private:
  std::vector<Worker*> workers_;
};

}  // namespace bastion::server
