// Something that is known of sources until a time: found by source, and the first to end by time. What is over takes no
// room.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "bastion/base/network.h"

namespace bastion::server {

template <typename Known>
class Expiring {
 public:
  using Time = std::chrono::milliseconds;  // by one clock that only goes forward

  struct Entry {
    Time until;
    Known known;
  };

  // Takes away what is over.
  void pass(Time now) {
    while (!order_.empty() && order_.begin()->first <= now) remove_first();
  }
  [[nodiscard]] const Entry* find(const Network& source) const {
    const auto found = entries_.find(source);
    return found == entries_.end() ? nullptr : &found->second;
  }
  // The same, to be changed.
  [[nodiscard]] Known* find_known(const Network& source) {
    const auto found = entries_.find(source);
    return found == entries_.end() ? nullptr : &found->second.known;
  }
  void put(const Network& source, Time until, Known known) {
    remove(source);
    order_.emplace(until, source);
    entries_.insert_or_assign(source, Entry{until, std::move(known)});
  }
  void remove(const Network& source) {
    const auto found = entries_.find(source);
    if (found == entries_.end()) return;
    order_.erase({found->second.until, source});
    entries_.erase(found);
  }
  // What is over before all others.
  void remove_first() {
    const auto source = order_.begin()->second;
    remove(source);
  }
  // Those that are in this network.
  [[nodiscard]] std::vector<Network> within(const Network& network) const {
    std::vector<Network> found;
    for (const auto& [source, entry] : entries_) {
      if (network.contains(source)) found.push_back(source);
    }
    return found;
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const std::map<Network, Entry>& all() const { return entries_; }

 private:
  std::map<Network, Entry> entries_;
  std::set<std::pair<Time, Network>> order_;
};

}  // namespace bastion::server
