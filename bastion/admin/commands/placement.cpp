#include "bastion/admin/commands/placement.h"

#include <algorithm>

namespace bastion::admin {

std::optional<std::size_t> place(const std::vector<Candidate>& candidates) {
  std::int64_t largest = 1;
  for (const auto& one : candidates) largest = std::max(largest, one.capacity.value_or(1));
  const auto room = [&](const Candidate& one) { return one.capacity.value_or(largest); };
  // a/b < c/d without fractions; counts and capacities are far below the square root of what fits.
  const auto is_better = [&](const Candidate& a, const Candidate& b) {
    const auto left = a.containers * room(b);
    const auto right = b.containers * room(a);
    return left != right ? left < right : a.name < b.name;
  };
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].capacity && candidates[i].containers >= *candidates[i].capacity) continue;
    if (!best || is_better(candidates[i], candidates[*best])) best = i;
  }
  return best;
}

std::optional<std::size_t> place_by_resources(const std::vector<Machine>& machines) {
  const auto is_better = [](const Machine& a, const Machine& b) {
    const auto& left = a.resources;
    const auto& right = b.resources;
    if (left.has_processor_to_spare != right.has_processor_to_spare) return left.has_processor_to_spare;
    return left.free_memory != right.free_memory ? left.free_memory > right.free_memory : a.name < b.name;
  };
  const auto best = std::ranges::min_element(machines, is_better);
  if (best == machines.end()) return std::nullopt;
  return static_cast<std::size_t>(best - machines.begin());
}

}  // namespace bastion::admin
