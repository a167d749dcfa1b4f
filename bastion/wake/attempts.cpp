#include "bastion/wake/attempts.h"

#include <algorithm>
#include <utility>

namespace bastion::wake {

Attempts::Then Attempts::ask(const Thing& thing, std::chrono::milliseconds now) {
  forget(now);
  auto& state = things_[thing];
  if (state.under_way) return Then::join;
  if (state.failure && now < state.until) return Then::leave;
  state.under_way = true;
  return Then::start;
}

void Attempts::over(const Thing& thing, std::optional<End> failure, std::chrono::milliseconds now) {
  const auto found = things_.find(thing);
  if (found == things_.end()) return;
  if (!failure) {
    things_.erase(found);
    return;
  }
  auto& state = found->second;
  auto wait = settings_.first;
  for (int i = 0; i < state.failures && wait < settings_.longest; ++i) wait *= 2;
  ++state.failures;
  state.under_way = false;
  state.until = now + std::min(wait, settings_.longest);
  state.failure = std::move(failure);
}

// A failure counts for the next wait as long again as it was waited for at most.
void Attempts::forget(std::chrono::milliseconds now) {
  std::erase_if(things_, [&](const auto& known) {
    return !known.second.under_way && now >= known.second.until + settings_.longest;
  });
}

}  // namespace bastion::wake
