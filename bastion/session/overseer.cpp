#include "bastion/session/overseer.h"

#include <algorithm>
#include <utility>

namespace bastion::session {

Overseer::Overseer(Place place)
    : place_(std::move(place)),
      poll_(place_.loop, [this] { poll(); }),
      slice_(place_.loop, [this] { look_at_some(); }) {}

Overseer::Watch::Watch(Overseer& overseer, Session& session, std::optional<std::int64_t> until)
    : overseer_(overseer), number_(overseer.next_number_++) {
  if (overseer_.sessions_.empty()) overseer_.poll_.repeat(overseer_.place_.every);
  overseer_.sessions_.emplace(number_, &session);
  renew(until);
}

Overseer::Watch::~Watch() {
  overseer_.sessions_.erase(number_);
  if (overseer_.sessions_.empty()) overseer_.poll_.stop();
}

void Overseer::Watch::renew(std::optional<std::int64_t> until) {
  overseer_.next_expiry_ = std::min(overseer_.next_expiry_, until.value_or(kNever));
}

void Overseer::poll() {
  const auto change = place_.change();
  const bool changed = change && std::exchange(seen_, change) != change;
  if (changed || place_.clock() >= next_expiry_) look_again();
}

void Overseer::look_again() {
  next_expiry_ = kNever;
  looked_at_ = -1;
  look_at_some();
}

// Whoever comes meanwhile has a higher number, and is looked at once too often.
void Overseer::look_at_some() {
  const auto now = place_.clock();
  for (int looks = 0; looks < kSlice; ++looks) {
    const auto next = sessions_.upper_bound(looked_at_);
    if (next == sessions_.end()) return;
    looked_at_ = next->first;
    next_expiry_ = std::min(next_expiry_, next->second->recheck(now).value_or(kNever));
  }
  slice_.start(kPause);
}

}  // namespace bastion::session
