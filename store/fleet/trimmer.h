// Sees to it that the fleet's log is cut behind snapshots, beside who follows it: a snapshot of a large directory takes
// minutes, and what others change is to be here at once all the same.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "store/fleet/change_log.h"
#include "store/fleet/snapshots.h"

namespace bastion::store::fleet {

// Of one thread; each time there is something to look at, it has one of its own for it, and connections that are closed
// afterwards.
class Trimmer {
 public:
  struct Place {
    std::filesystem::path file;  // the copy, which is there
    ChangeLog log;               // only ever asked for another one
    std::string node;
    Snapshots::Limits limits;
    std::chrono::milliseconds every;  // how often it looks, at most
  };

  // What it waits for is given up as soon as `ending` is true, which outlives it.
  Trimmer(Place place, const std::atomic<bool>& ending);
  // Waits for its thread.
  ~Trimmer();
  Trimmer(const Trimmer&) = delete;
  Trimmer& operator=(const Trimmer&) = delete;

  // This copy has come so far. Returns at once.
  void look(std::int64_t number);

 private:
  void trim();

  Place place_;
  const std::atomic<bool>& ending_;
  std::chrono::steady_clock::time_point looked_at_;
  std::int64_t looked_number_ = 0;
  std::atomic<bool> is_at_it_ = false;
  std::thread thread_;
};

}  // namespace bastion::store::fleet
