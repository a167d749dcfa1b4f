#include "bastion/session/detours.h"

namespace bastion::session {

bool Detours::may_set_out(std::int64_t user, Time now) {
  if (until_.size() >= kMost) forget(now);
  const auto found = until_.find(user);
  return until_.size() < kMost && (found == until_.end() || found->second <= now);
}

void Detours::note(std::int64_t user, Time now) {
  if (until_.size() >= kMost) forget(now);
  if (until_.size() < kMost || until_.contains(user)) until_.insert_or_assign(user, now + kRemembered);
}

void Detours::forget(Time now) {
  std::erase_if(until_, [&](const auto& one) { return one.second <= now; });
}

}  // namespace bastion::session
