// Where a channel keeps its observer, so that the observer can do no harm. A channel that nobody observes pays one test
// of a pointer for each message.
#pragma once

#include <memory>
#include <utility>

#include "bastion/connection/channel_observer.h"

namespace bastion::connection {

class Observation {
 public:
  Observation() = default;
  ~Observation() { end(); }
  Observation(Observation&&) noexcept = default;
  Observation& operator=(Observation&&) = delete;

  // Once, before anything passes. Null: nobody observes.
  void begin(std::unique_ptr<ChannelObserver> observer) { observer_ = std::move(observer); }
  void hear(Side from, const Message& message) {
    if (observer_) tell(from, message);
  }
  // Nothing passes any more.
  void end() noexcept;

 private:
  void tell(Side from, const Message& message) noexcept;

  std::unique_ptr<ChannelObserver> observer_;
};

}  // namespace bastion::connection
