// This bastion as one of a fleet: has the copy of the directory follow the fleet's log, for as long as anybody is in
// this process; and as far as others see it, says that it is there, carries what has happened here to the fleet's
// records, and answers what other bastions ask, which the newest process of a bastion does alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "bastion/admin/node_endpoint.h"
#include "bastion/base/result.h"
#include "bastion/fleet/directory.h"
#include "store/fleet/courier.h"
#include "store/fleet/follower.h"
#include "store/fleet/responder.h"

namespace bastion::server {

class FleetMembership {
 public:
  struct Place {
    loop::Loop& loop;
    admin::Runtime& here;                   // every process of this bastion; both outlive it
    fleet::Directory directory;             // of a fleet
    std::function<std::size_t()> sessions;  // how many run; from any thread
    std::function<void()> on_applied;       // the directory is another one; called on a thread of its own
  };

  // Threads of its own have begun.
  [[nodiscard]] static Result<std::unique_ptr<FleetMembership>> begin(Place place, std::int64_t keep_seconds);
  // As end(), and waits for the threads.
  ~FleetMembership() = default;
  FleetMembership(const FleetMembership&) = delete;
  FleetMembership& operator=(const FleetMembership&) = delete;

  // How long the fleet keeps the records of this bastion; 0: for ever.
  void keep(std::int64_t seconds) { keep_seconds_ = seconds; }
  [[nodiscard]] const store::fleet::Follower& follower() const { return *follower_; }
  // Others see another process from now on. Returns at once.
  void end();
  // Soon; whether it has ended. What is not applied yet is at the next start.
  [[nodiscard]] bool stop_following();

 private:
  explicit FleetMembership(std::int64_t keep_seconds) : keep_seconds_(keep_seconds) {}

  std::atomic<std::int64_t> keep_seconds_;
  std::optional<admin::NodeEndpoint> endpoint_;
  std::optional<store::fleet::Responder> responder_;
  std::optional<store::fleet::Courier> courier_;
  std::unique_ptr<store::fleet::Follower> follower_;
};

}  // namespace bastion::server
