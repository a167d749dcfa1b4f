#include "bastion/server/refusals.h"

#include <utility>

namespace bastion::server {

bool Refusals::note(const Refused& refused) {
  if (const auto known = counts_.find(refused); known != counts_.end()) {
    ++known->second;
    return false;
  }
  if (counts_.size() == kAddresses) {
    ++others_[refused.fate];
    return false;
  }
  counts_.emplace(refused, 0);
  return true;
}

std::vector<Refusals::Count> Refusals::next_interval() {
  std::vector<Count> interval;
  for (const auto& [refused, count] : counts_) {
    if (count > 0) interval.push_back({refused, count});
  }
  for (const auto& [fate, count] : std::exchange(others_, {})) interval.push_back({{"others", fate}, count});
  std::erase_if(counts_, [](const auto& one) { return one.second == 0; });
  for (auto& [refused, count] : counts_) count = 0;
  return interval;
}

}  // namespace bastion::server
