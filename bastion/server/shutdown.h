// How a process that serves comes to its end. When another one serves, whoever is here stays, and it ends when nobody
// is left. After a signal whoever is on the way in comes in, as long as last_arrivals.h lets them; what sessions have
// then is Service::stop().
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "bastion/admin/peer_runtime.h"
#include "bastion/config/config.h"
#include "bastion/loop/loop.h"
#include "bastion/monitor/monitor.h"
#include "bastion/server/entrance.h"
#include "bastion/server/executors.h"
#include "bastion/server/fleet_membership.h"
#include "bastion/server/intake.h"
#include "bastion/server/last_arrivals.h"
#include "bastion/server/local_endpoints.h"
#include "bastion/server/login_threads.h"
#include "bastion/server/reload.h"
#include "bastion/server/retirement.h"
#include "bastion/server/sessions_elsewhere.h"
#include "bastion/server/source_follower.h"
#include "bastion/server/user_caps.h"

namespace bastion::server {

// Belongs to the main thread.
class Shutdown {
 public:
  // All of it outlives this. The loop is stopped when it is time to leave.
  struct Place {
    loop::Loop& loop;
    const config::Config& config;  // as it counts now
    std::string process_id;
    Executors& executors;
    const std::unique_ptr<monitor::Monitor>& monitor;
    const admin::PeerRuntime& everywhere;
    // Who may be here, and what only the newest process does.
    Intake& intake;
    Entrance& entrance;
    LoginThreads& logins;
    UserCaps& caps;
    LocalEndpoints& endpoints;
    SessionsElsewhere& sessions_elsewhere;
    SourceFollower& source_follower;
    const std::unique_ptr<FleetMembership>& membership;
    Reload& reload;
  };
  explicit Shutdown(const Place& place);
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  // Another process serves. Who has not authenticated yet stays, and becomes a session here. A second call changes
  // nothing.
  void retire();
  [[nodiscard]] bool is_retired() const { return retirement_.has_begun(); }

  // A signal. A second call changes nothing.
  void begin();
  // Of `drain_timeout`, since then.
  [[nodiscard]] std::chrono::milliseconds spent() const { return last_arrivals_.spent(); }

 private:
  [[nodiscard]] bool is_empty() const;

  Place place_;
  Retirement retirement_;
  LastArrivals last_arrivals_;
};

}  // namespace bastion::server
