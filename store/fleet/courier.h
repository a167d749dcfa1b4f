// Says to the fleet that this bastion is there, and carries what has happened here to the fleet's records: a thread,
// which nobody waits for. While the fleet's database is away, what has happened waits in this bastion's own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/messages.h"
#include "store/fleet/nodes.h"
#include "store/fleet/records.h"
#include "store/fleet/wake_up.h"

namespace bastion::store::fleet {

class Courier {
 public:
  static constexpr std::chrono::seconds kEvery{1};
  // Of each thing that is asked of the fleet's database.
  static constexpr std::chrono::seconds kPatience{5};
  // How often it takes away what is old.
  static constexpr std::chrono::minutes kForget{1};
  // How often the log says again that this bastion was removed.
  static constexpr std::chrono::minutes kSayAgain{1};

  struct Place {
    std::string conninfo;
    std::string node;
    std::string version;     // of this program
    std::int64_t since = 0;  // Unix seconds: when it began
    // What there is to say now; called on the thread.
    std::function<std::int64_t()> sessions;
    // Records of before this time are not kept, in Unix seconds; 0: all are. Called on the thread.
    std::function<std::int64_t()> keep_since;
  };

  // `database` is for this alone.
  Courier(Database database, Place place);
  // Ends the thread: soon, whatever it waits for.
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  [[nodiscard]] Result<> start();
  // From any thread, and returns at once: it does nothing more from now on.
  void stop();
  // From any thread: whether the fleet has said that this bastion was removed.
  [[nodiscard]] bool is_removed() const { return is_removed_; }

 private:
  void run();
  [[nodiscard]] Result<> go();
  [[nodiscard]] Result<> carry();
  [[nodiscard]] Result<> forget();
  void tell(const Result<>& gone);

  Database database_;
  Place place_;
  WakeUp ended_;
  Nodes nodes_;
  Records records_;
  Messages messages_;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> is_removed_ = false;
  bool is_prepared_ = false;
  bool was_away_ = false;  // and the log was told
  std::chrono::steady_clock::time_point forget_at_;
  std::chrono::steady_clock::time_point say_again_at_;
  std::thread thread_;
};

}  // namespace bastion::store::fleet
