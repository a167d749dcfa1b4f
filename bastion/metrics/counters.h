// What has been counted since the bastion started: a value that everybody may bump, from any thread, and that only the
// server reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace bastion::metrics {

// One that only grows. It orders nothing: what is counted by two of them may be seen by one of them first.
class Counter {
 public:
  void bump() { count_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

struct Counters {
  Counter accepted;              // connections
  Counter turned_away;           // of them, by the limits on strangers: all that were refused
  Counter refused_proxy_header;  // of those, by whose limit
  Counter refused_banned;        //
  Counter refused_penalty;       //
  Counter refused_full_source;   // max_startups_per_source
  Counter refused_full;          // max_startups
  Counter made_room;             // strangers who were silent when others came
  Counter no_version_line;       // strangers who have sent none in time
  Counter authenticated;         // sessions
  Counter ended;                 // sessions, whether they had authenticated or not
};

// `accepted=3 turned_away=0 …`: every counter of the table in counters.cpp, for the log.
[[nodiscard]] std::string text_of(const Counters& counters);

}  // namespace bastion::metrics
