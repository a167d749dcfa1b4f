#include "bastion/upstream/reachability.h"

#include <algorithm>

namespace bastion::upstream {

BackendView::State BackendView::state() const {
  if (usable > 0) return State::up;
  if (hops > 0) return State::suspect;
  const bool has_failed = failed_at && failed_at >= answered_at;
  if (has_failed) return is_direct && answered_at ? State::suspect : State::down;
  if (!answered_at) return State::unknown;
  return is_direct ? State::up : State::idle;
}

void BackendView::add(const BackendView& other) {
  hops += other.hops;
  usable += other.usable;
  if (other.latency && (!latency || *other.latency < *latency)) latency = other.latency;
  answered_at = std::max(answered_at, other.answered_at);
  failed_at = std::max(failed_at, other.failed_at);
  is_direct = is_direct || other.is_direct;
}

}  // namespace bastion::upstream
