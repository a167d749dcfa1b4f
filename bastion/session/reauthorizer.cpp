#include "bastion/session/reauthorizer.h"

#include <algorithm>
#include <utility>

namespace bastion::session {

Reauthorizer::Reauthorizer(Place place)
    : place_(std::move(place)),
      poll_(place_.loop, [this] { poll(); }),
      slice_(place_.loop, [this] { is_looking_ ? look_at_some() : begin_round(); }) {}

Reauthorizer::Watch::Watch(Reauthorizer& reauthorizer, Subject& session, std::optional<std::int64_t> until)
    : reauthorizer_(reauthorizer), number_(reauthorizer.next_number_++) {
  if (reauthorizer_.sessions_.empty()) reauthorizer_.poll_.repeat(reauthorizer_.place_.every);
  reauthorizer_.sessions_.emplace(number_, &session);
  renew(until);
}

Reauthorizer::Watch::~Watch() {
  reauthorizer_.sessions_.erase(number_);
  if (reauthorizer_.sessions_.empty()) reauthorizer_.poll_.stop();
}

void Reauthorizer::Watch::renew(std::optional<std::int64_t> until) {
  reauthorizer_.next_expiry_ = std::min(reauthorizer_.next_expiry_, until.value_or(kNever));
}

void Reauthorizer::poll() {
  const auto change = place_.change();
  const bool changed = change && std::exchange(seen_, change) != change;
  if (changed || place_.clock() >= next_expiry_) look_again();
}

// A round that is under way comes to its end first: where something changes all the time, the last one has a turn too.
void Reauthorizer::look_again() {
  is_due_ = true;
  if (!is_looking_) begin_round();
}

void Reauthorizer::begin_round() {
  is_due_ = false;
  is_looking_ = true;
  next_expiry_ = kNever;
  looked_at_ = -1;
  look_at_some();
}

// Whoever comes meanwhile has a higher number, and is looked at once too often.
void Reauthorizer::look_at_some() {
  const auto now = place_.clock();
  for (int looks = 0; looks < kSlice; ++looks) {
    const auto next = sessions_.upper_bound(looked_at_);
    if (next == sessions_.end()) return end_round();
    looked_at_ = next->first;
    next_expiry_ = std::min(next_expiry_, next->second->recheck(now).value_or(kNever));
  }
  slice_.start(kPause);
}

void Reauthorizer::end_round() {
  is_looking_ = false;
  if (is_due_) slice_.start(kPause);
}

}  // namespace bastion::session
