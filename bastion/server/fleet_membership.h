// This bastion as one of a fleet, as far as others see it: says that it is there, carries what has happened here to the
// fleet's records, and answers what other bastions ask. By the newest process of a bastion only.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "bastion/admin/node_endpoint.h"
#include "bastion/base/result.h"
#include "store/fleet/courier.h"
#include "store/fleet/place.h"
#include "store/fleet/responder.h"

namespace bastion::server {

class FleetMembership {
 public:
  struct Place {
    loop::Loop& loop;
    admin::Runtime& here;  // every process of this bastion; both outlive it
    std::filesystem::path database;
    store::fleet::Place fleet;
    std::function<std::size_t()> sessions;  // how many run; from any thread
  };

  // Threads of its own have begun.
  [[nodiscard]] static Result<std::unique_ptr<FleetMembership>> begin(Place place, std::int64_t keep_seconds);
  // As end(), and waits for the threads.
  ~FleetMembership() = default;
  FleetMembership(const FleetMembership&) = delete;
  FleetMembership& operator=(const FleetMembership&) = delete;

  // How long the fleet keeps the records of this bastion; 0: for ever.
  void keep(std::int64_t seconds) { keep_seconds_ = seconds; }
  // Another process does all of this from now on. Returns at once.
  void end();

 private:
  explicit FleetMembership(std::int64_t keep_seconds) : keep_seconds_(keep_seconds) {}

  std::atomic<std::int64_t> keep_seconds_;
  std::optional<admin::NodeEndpoint> endpoint_;
  std::optional<store::fleet::Responder> responder_;
  std::optional<store::fleet::Courier> courier_;
};

}  // namespace bastion::server
