#include "bastion/connection/observation.h"

#include <utility>

#include "bastion/base/contained.h"

namespace bastion::connection {

void Observation::tell(Side from, const Message& message) noexcept {
  const bool heard = contained("the observation of a channel", [&] { observer_->on_message(from, message); });
  if (!heard) observer_.reset();
}

void Observation::end() noexcept {
  const auto observer = std::exchange(observer_, nullptr);
  if (observer) contained("the observation of a channel", [&] { observer->on_end(); });
}

}  // namespace bastion::connection
