#include "bastion/server/refusals.h"

#include <utility>

namespace bastion::server {

bool Refusals::note(const std::string& host) {
  if (const auto known = by_host_.find(host); known != by_host_.end()) {
    ++known->second;
    return false;
  }
  if (by_host_.size() == kAddresses) {
    ++others_;
    return false;
  }
  by_host_.emplace(host, 0);
  return true;
}

std::vector<Refusals::Count> Refusals::next_interval() {
  std::vector<Count> counts;
  for (const auto& [host, count] : by_host_) {
    if (count > 0) counts.push_back({host, count});
  }
  if (others_ > 0) counts.push_back({{}, std::exchange(others_, 0)});
  std::erase_if(by_host_, [](const auto& one) { return one.second == 0; });
  for (auto& [host, count] : by_host_) count = 0;
  return counts;
}

}  // namespace bastion::server
