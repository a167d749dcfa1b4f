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

}  // namespace bastion::admin
