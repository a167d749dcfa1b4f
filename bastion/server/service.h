// Everything that serves, and how it begins, is told of changes and ends. Who owns whom: docs/ARCHITECTURE.md.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/fleet_runtime.h"
#include "bastion/admin/peer_runtime.h"
#include "bastion/admin/site.h"
#include "bastion/admin/ssh_endpoint.h"
#include "bastion/base/network.h"
#include "bastion/config/config.h"
#include "bastion/config/file.h"
#include "bastion/config/settings.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/signals.h"
#include "bastion/metrics/counters.h"
#include "bastion/monitor/monitor.h"
#include "bastion/record/recorder.h"
#include "bastion/server/ban_reader.h"
#include "bastion/server/companions.h"
#include "bastion/server/entrance.h"
#include "bastion/server/executors.h"
#include "bastion/server/fleet_membership.h"
#include "bastion/server/front_desk.h"
#include "bastion/server/generation_figures.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/housekeeping.h"
#include "bastion/server/intake.h"
#include "bastion/server/local_endpoints.h"
#include "bastion/server/login_threads.h"
#include "bastion/server/preparation.h"
#include "bastion/server/reload.h"
#include "bastion/server/rsa_signatures.h"
#include "bastion/server/sessions_elsewhere.h"
#include "bastion/server/shutdown.h"
#include "bastion/server/source_follower.h"
#include "bastion/server/supervisor_channel.h"
#include "bastion/server/user_caps.h"
#include "bastion/server/wakers.h"
#include "bastion/server/workers.h"
#include "bastion/session/recent_refusals.h"
#include "bastion/window/endpoint.h"
#include "store/writer.h"

namespace bastion::server {

// The parts of the running service, in the order in which they stand on each other.
class Service {
 public:
  static Result<std::unique_ptr<Service>> start(const config::Config& config, const config::Source& source,
                                                Preparation preparation, SupervisorChannel::Beginning beginning);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Says to the supervisor that it serves.
  void tell_ready() const;
  // Until a signal or the supervisor says that it is enough, or, when another one serves, nobody is left. After a
  // signal whoever is on the way in comes in, as long as last_arrivals.h lets them.
  void run() { loop_.run(); }
  // Nobody new, then every login to its end, then what they had to write: `drain_timeout` and two seconds in all, from
  // the signal on.
  // Returns what goes on all the same. It may not be destroyed then: it would wait for that, however long it takes.
  [[nodiscard]] std::vector<std::string> stop();
  [[nodiscard]] const config::Config& config() const { return config_; }
  // It stopped because it cannot go on.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  Service(const config::Config& config, const config::Source& source, Preparation preparation, Executors executors,
          std::unique_ptr<store::Writer> writer, bool follows);
  // Steps of start().
  Result<> restore_entrance();
  Result<> open_front_desk();
  Result<> start_recorder();
  Result<> join_fleet();
  Result<> start_monitor();

  // Of `drain_timeout` so much is spent before, and so much after.
  [[nodiscard]] std::chrono::milliseconds finish_errands(std::chrono::milliseconds spent);

  void on_signal(int number);
  void on_order(const Message<Order>& order);
  void set_peers(const std::vector<std::string>& ids);
  void on_bans_changed(const std::optional<Network>& lifted);
  void on_reload(const Result<config::Config>& read);
  void apply(const std::vector<config::Change>& changes, const config::Config& read);

  config::Config config_;   // as it counts now
  std::string process_id_;  // of no other process, before or after
  bool follows_;            // another process has served before
  loop::Loop loop_;
  Preparation prepared_;
  bool has_failed_ = false;
  Executors executors_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<FrontDesk> front_desk_;
  Housekeeping housekeeping_;
  metrics::Counters counters_;
  session::RecentRefusals refusals_;
  record::Recorder recorder_;
  UserCaps caps_;
  RsaSignatures rsa_signatures_;
  Entrance entrance_;
  BanReader ban_reader_;
  std::unique_ptr<FleetMembership> membership_;  // of a fleet
  std::unique_ptr<monitor::Monitor> monitor_;    // gone after those who answer it
  Workers all_workers_;
  Wakers wakers_;
  SourceFollower source_follower_;
  admin::PeerRuntime everywhere_;  // all_workers_, and those of the other processes that serve
  admin::FleetRuntime fleet_;      // everywhere_, and those of other bastions
  GenerationFigures figures_;
  admin::Site site_;
  admin::SshEndpoint endpoint_;
  window::Endpoint window_;
  LoginThreads logins_;
  Intake intake_;
  LocalEndpoints local_endpoints_;
  Reload reload_;
  SessionsElsewhere sessions_elsewhere_;
  Shutdown shutdown_;
  IgnoredSignals ignored_;
  loop::Signals signals_;
  SupervisorChannel supervisor_;
  Companions companions_;
};

}  // namespace bastion::server
