// What has been counted since the bastion started: a value that everybody may bump, from any thread, and that only the
// server reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bastion/metrics/histogram.h"

namespace bastion::metrics {

// One that only grows. It orders nothing: what is counted by two of them may be seen by one of them first.
class Counter {
 public:
  void bump() { count_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

// Counted by the rows of a closed table that somebody else has: monitor/labels.h says which.
inline constexpr std::size_t kMethods = 8;
inline constexpr std::size_t kReasons = 96;
inline constexpr std::size_t kPhases = 8;
using ByReason = std::array<Counter, kReasons>;

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
  Counter too_many_rsa;          // strangers who wanted one more signature by RSA than their source may have
  Counter authenticated;         // sessions
  Counter ended;                 // sessions, whether they had authenticated or not

  std::array<Counter, kMethods> logins;          // that were accepted, by method
  std::array<ByReason, kMethods> failed_logins;  // connections that ended before, by the method last tried
  std::array<Counter, kMethods> denials;         // requests to authenticate
  std::array<Histogram, kPhases> phases;         //
  Counter container_logins;                      // into containers
  ByReason failed_container_logins;              //
  ByReason session_ends;                         //

  // What daemons were asked that run containers, and what that has changed.
  Counter listings_done;      //
  Counter listings_failed;    //
  Counter containers_moved;   //
  Counter containers_gone;    // that were listed before
  Counter containers_adrift;  // that the directory does not follow, for another reason than before

  Counter recordings;           // that were begun
  Counter recordings_cut;       // of which something is missing
  Counter recordings_refused;   // sessions that were refused because they could not be recorded
  Counter recordings_left_out;  // and that went on without

  Counter dials_done;    // hops
  Counter dials_failed;  //
  Histogram dial_time;   // of those that were done
};

// What has become of strangers, by the names of that table.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> named(const Counters& counters);

// `accepted=3 turned_away=0 …`: every counter of the table in counters.cpp, for the log.
[[nodiscard]] std::string text_of(const Counters& counters);

}  // namespace bastion::metrics
