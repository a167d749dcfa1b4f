// What happens at a bastion at a moment, as the processes that serve have it: the raw figures, of which whoever asks
// twice makes rates (overview.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bastion/session/live_session.h"
#include "bastion/session/refusal.h"
#include "bastion/upstream/reachability.h"

namespace bastion::admin {

// Of one loop: `worker 1`.
struct LoopActivity {
  std::string name;
  std::chrono::microseconds lag{0};
  std::size_t sessions = 0;

  bool operator==(const LoopActivity&) const = default;
};

// Of one process.
struct Activity {
  std::string bastion;                         // the name that it has in the fleet, or that of its machine
  std::string process;                         // of no other one
  std::string version;                         // of the program
  std::int64_t began = 0;                      // it serves since: Unix seconds
  std::int64_t at_ms = 0;                      // when it was asked: milliseconds since 1970
  std::vector<session::LiveSession> sessions;  // the oldest first
  std::vector<upstream::BackendView> backends;
  // What all sessions have carried since it began, those that have ended too.
  std::uint64_t bytes_from_users = 0;
  std::uint64_t bytes_from_containers = 0;
  std::vector<session::Refusal> refusals;                        // the newest first
  std::vector<std::pair<std::string, std::uint64_t>> strangers;  // counters by fate, since it began
  std::vector<LoopActivity> loops;                               // as they were within the last second or so
  std::string missing = {};                                      // what has not answered in time: a sentence, or empty
};

// Of all of them.
struct Activities {
  std::vector<Activity> parts;  // that of whoever was asked first
  std::string missing = {};     // whose are not among them, and why: a sentence, or empty
};

}  // namespace bastion::admin
