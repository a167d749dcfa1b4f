#include "bastion/window/limits.h"

namespace bastion::window {

Limits::Seat::Seat(Seat&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), user_(other.user_), kind_(other.kind_) {}

Limits::Seat::~Seat() {
  if (limits_ != nullptr) limits_->give_back(user_, kind_);
}

std::optional<Limits::Seat> Limits::take(std::int64_t user, Kind kind) {
  const std::lock_guard lock(mutex_);
  auto& taken = taken_[{user, kind}];
  if (taken >= (kind == Kind::live ? kMostLive : kMostConversations)) return std::nullopt;
  ++taken;
  return Seat(*this, user, kind);
}

void Limits::give_back(std::int64_t user, Kind kind) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find({user, kind});
  if (--found->second == 0) taken_.erase(found);
}

}  // namespace bastion::window
