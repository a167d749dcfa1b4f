// Takes away history that is older than it is to be kept: once an hour, in small steps on the writer's thread, between
// what sessions write.
#pragma once

#include <chrono>
#include <memory>

#include "bastion/loop/timer.h"
#include "store/retention.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
class Writer;
}

namespace bastion::server {

class Housekeeping {
 public:
  static constexpr std::chrono::hours kEvery{1};
  // Between two steps: the disk is there for sessions too.
  static constexpr std::chrono::milliseconds kPause{100};

  // Both outlive it. The writer is closed before it goes: what it still has calls back.
  Housekeeping(loop::Loop& loop, store::Writer& writer, store::Retention retention);
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  // What is kept from now on: what is older begins to go at once.
  void keep(store::Retention retention);

 private:
  void step();

  loop::Loop& loop_;
  store::Writer& writer_;
  std::shared_ptr<store::HistoryPruner> pruner_;  // the writer's while a step is made
  loop::Timer due_;
};

}  // namespace bastion::server
