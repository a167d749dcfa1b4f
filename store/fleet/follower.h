// Keeps this bastion's copy of the directory up to date while nobody changes anything here: a thread that is told by
// the log of each change, and asks it now and then all the same. Sees to it that the log is cut, too.
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
#include "store/fleet/trimmer.h"
#include "store/fleet/wake_up.h"

namespace bastion::store::fleet {

// Everything but start() and the end may be called from any thread.
class Follower {
 public:
  // How often it asks.
  static constexpr std::chrono::seconds kEvery{1};
  // How often it looks whether the log is to be cut, at most.
  static constexpr std::chrono::minutes kCutEvery{1};

  // Called on its thread when something is here that was not before.
  using OnApplied = std::function<void()>;

  // `database` is for this alone, and is given up by the thread that has it now.
  Follower(Database database, ChangeLog log, std::string node, OnApplied on_applied, Snapshots::Limits limits = {},
           std::chrono::milliseconds cut_every = kCutEvery);
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
    Standing standing = Standing::behind;
  };
  [[nodiscard]] State state() const {
    const Standing standing = standing_;
    return {.number = number_, .is_current = standing == Standing::current, .standing = standing};
  }

 private:
  void run();
  [[nodiscard]] bool follow();  // whether it has waited for news
  void keep_up();

  Database database_;
  std::atomic<bool> ending_ = false;
  Trimmer trimmer_;
  Replica replica_;
  OnApplied on_applied_;
  WakeUp interrupted_;
  std::atomic<std::int64_t> number_ = 0;
  std::atomic<Standing> standing_ = Standing::behind;
  Standing told_ = Standing::current;
  bool has_rows_ = false;  // what migrations ask for is done
  std::promise<void> over_;
  std::future<void> ended_ = over_.get_future();
  std::thread thread_;
};

}  // namespace bastion::store::fleet
