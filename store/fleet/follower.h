// Keeps this bastion's copy of the directory up to date while nobody changes anything here: a thread that is told by
// the log of each change, and asks it now and then all the same.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/replica.h"

namespace bastion::store::fleet {

// Everything but start() and the end may be called from any thread.
class Follower {
 public:
  // How often it asks.
  static constexpr std::chrono::seconds kEvery{1};

  // Called on its thread when something is here that was not before.
  using OnApplied = std::function<void()>;

  // `database` is for this alone, and is given up by the thread that has it now.
  Follower(Database database, ChangeLog log, std::string node, OnApplied on_applied);
  // Ends the thread, which waits for nobody then but for whoever writes to the database.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  [[nodiscard]] Result<> start();
  // Ends the thread. Whether it has ended within this time; a large change that is being applied takes its own.
  [[nodiscard]] bool end(std::chrono::milliseconds within);

  struct State {
    std::int64_t number = 0;  // of the last entry that is here
    bool is_current = false;  // the last time it asked, the log had no other one
  };
  [[nodiscard]] State state() const { return {number_, is_current_}; }

 private:
  void run();
  void follow();

  Database database_;
  Replica replica_;
  OnApplied on_applied_;
  int interrupted_;  // eventfd(2)
  std::atomic<bool> ending_ = false;
  std::atomic<std::int64_t> number_ = 0;
  std::atomic<bool> is_current_ = false;
  bool was_away_ = false;  // and the log was told
  std::promise<void> over_;
  std::future<void> ended_ = over_.get_future();
  std::thread thread_;
};

}  // namespace bastion::store::fleet
