#include "bastion/upstream/backoff.h"

#include <algorithm>

namespace bastion::upstream {

void Backoff::failed(std::chrono::milliseconds now, double chance) {
  auto wait = settings_.first;
  for (int i = 0; i < failures_ && wait < settings_.longest; ++i) wait *= 2;
  ++failures_;
  const auto middle = static_cast<double>(std::min(wait, settings_.longest).count());
  const auto spread = 1 + settings_.jitter * (2 * chance - 1);
  until_ = now + std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(middle * spread));
}

std::chrono::milliseconds Backoff::left(std::chrono::milliseconds now) const {
  return failures_ == 0 ? std::chrono::milliseconds::zero() : std::max(until_ - now, std::chrono::milliseconds::zero());
}

}  // namespace bastion::upstream
