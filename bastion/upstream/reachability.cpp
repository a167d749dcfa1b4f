#include "bastion/upstream/reachability.h"

#include <algorithm>

namespace bastion::upstream {

BackendView::State BackendView::state() const {
  if (usable > 0) return State::up;
  if (hops > 0) return State::suspect;
  return failed_at && failed_at >= answered_at ? State::down : State::unknown;
}

void BackendView::add(const BackendView& other) {
  hops += other.hops;
  usable += other.usable;
  if (other.latency && (!latency || *other.latency < *latency)) latency = other.latency;
  answered_at = std::max(answered_at, other.answered_at);
  failed_at = std::max(failed_at, other.failed_at);
}

}  // namespace bastion::upstream
