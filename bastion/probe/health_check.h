// Measures whether a backend can be reached: a question to its sshd on a hop of the pool, and how long the answer took.
//
// No sshd can hold it against us: any hop will do that has logged in, and only where there is none it is dialled as for
// a login, one at a time and with the pool's backoff. While that lasts, what the last dial came to is the answer.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/upstream/reachability.h"

namespace bastion::probe {

class HealthCheck {
 public:
  // Nobody waits for longer. A dial that takes its time goes on, and the next one to ask has the use of it.
  static constexpr std::chrono::seconds kTimeout{4};

  // `on_known` is called once, after start(), from inside a call of the loop or of the pool: defer_delete() the
  // health check then.
  HealthCheck(loop::Loop& loop, upstream::HopPool& hops, std::vector<access::Hop> way,
              std::function<void(upstream::Reachability)> on_known);
  HealthCheck(const HealthCheck&) = delete;
  HealthCheck& operator=(const HealthCheck&) = delete;

  void start();

 private:
  void known(upstream::Reachability reachability);

  std::int64_t backend_;
  std::function<void(upstream::Reachability)> on_known_;
  Task<upstream::Reachability> task_;
  loop::Timer deadline_;
};

}  // namespace bastion::probe
