#include "bastion/follow/schedule.h"

#include <algorithm>

namespace bastion::follow {

void Schedule::set(const std::vector<std::pair<std::int64_t, std::chrono::seconds>>& sources, Time now) {
  for (auto& [source, state] : sources_) state.is_set = false;
  for (const auto& [source, every] : sources) {
    const auto [found, is_new] = sources_.try_emplace(source);
    auto& state = found->second;
    if (is_new) state.due = now;
    // One that is to be asked more often does not wait for the longer time.
    state.due = std::min(state.due, now + every);
    state.every = every;
    state.is_set = true;
  }
  // One that is being asked stays until it has answered.
  std::erase_if(sources_, [](const auto& one) { return !one.second.is_set && !one.second.is_asked; });
}

bool Schedule::want(std::int64_t source) {
  const auto found = sources_.find(source);
  if (found == sources_.end() || !found->second.is_set) return false;
  found->second.is_wanted = true;
  return true;
}

std::vector<std::int64_t> Schedule::take_due(Time now) {
  std::vector<std::int64_t> due;
  for (auto& [source, state] : sources_) {
    if (state.is_asked || !state.is_set || now < state.not_before) continue;
    if (!state.is_wanted && (!has_turns_ || now < state.due)) continue;
    state.is_asked = true;
    state.is_wanted = false;
    due.push_back(source);
  }
  return due;
}

void Schedule::over(std::int64_t source, Time now) {
  const auto found = sources_.find(source);
  if (found == sources_.end()) return;
  auto& state = found->second;
  state.is_asked = false;
  state.due = now + state.every;
  state.not_before = now + kRest;
  if (!state.is_set) sources_.erase(found);
}

bool Schedule::is_asked(std::int64_t source) const {
  const auto found = sources_.find(source);
  return found != sources_.end() && found->second.is_asked;
}

}  // namespace bastion::follow
