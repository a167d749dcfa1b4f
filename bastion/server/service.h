// Everything that serves, and how it begins, is told of changes and ends. Who owns whom: docs/ARCHITECTURE.md.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/fleet_runtime.h"
#include "bastion/admin/local_endpoint.h"
#include "bastion/admin/peer_endpoint.h"
#include "bastion/admin/peer_runtime.h"
#include "bastion/admin/site.h"
#include "bastion/admin/ssh_endpoint.h"
#include "bastion/base/network.h"
#include "bastion/config/config.h"
#include "bastion/config/file.h"
#include "bastion/config/settings.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/signals.h"
#include "bastion/loop/watcher.h"
#include "bastion/metrics/counters.h"
#include "bastion/monitor/monitor.h"
#include "bastion/record/recorder.h"
#include "bastion/server/acceptor.h"
#include "bastion/server/ban_reader.h"
#include "bastion/server/companions.h"
#include "bastion/server/entrance.h"
#include "bastion/server/executors.h"
#include "bastion/server/fleet_membership.h"
#include "bastion/server/front_desk.h"
#include "bastion/server/generation_figures.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/housekeeping.h"
#include "bastion/server/last_arrivals.h"
#include "bastion/server/listening.h"
#include "bastion/server/preparation.h"
#include "bastion/server/proxy_header.h"
#include "bastion/server/reload.h"
#include "bastion/server/retirement.h"
#include "bastion/server/rsa_signatures.h"
#include "bastion/server/sessions_elsewhere.h"
#include "bastion/server/source_follower.h"
#include "bastion/server/strangers.h"
#include "bastion/server/supervisor_channel.h"
#include "bastion/server/user_caps.h"
#include "bastion/server/waiting_room.h"
#include "bastion/server/wakers.h"
#include "bastion/server/worker.h"
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
  // Of `drain_timeout` so much is spent before, and so much after.
  [[nodiscard]] std::chrono::milliseconds finish_errands(std::chrono::milliseconds spent);
  [[nodiscard]] const config::Config& config() const { return config_; }
  // It stopped because it cannot go on.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  Service(const config::Config& config, const config::Source& source, Preparation preparation, Executors executors,
          std::unique_ptr<store::Writer> writer, bool follows);
  Result<> start_workers(std::size_t threads);
  Result<> start_strangers(std::size_t threads);
  Result<> open_front_desk();
  Result<> start_recorder();
  Result<> restore_entrance();
  Result<> start_monitor();
  Result<> join_fleet();
  void make_link_folder();
  void open_endpoints();
  void set_peers(const std::vector<std::string>& ids);
  void admit(loop::Descriptor connection, session::Arrival arrival, const Entrance::Pass& pass);
  void on_bans_changed(const std::optional<Network>& lifted);
  // Those of one address share a thread: what it makes us compute, most others do not wait for.
  [[nodiscard]] Strangers& thread_of(const std::string& host) {
    return *strangers_[std::hash<std::string>{}(host) % strangers_.size()];
  }
  // Whoever has authenticated goes to them in turn. From any thread.
  [[nodiscard]] Worker& next_worker() { return *workers_[next_worker_++ % workers_.size()]; }
  void on_signal(int number);
  void on_order(const Message<Order>& order);
  void retire();
  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] bool nobody_comes() const;
  void begin_to_end();
  void on_reload(const Result<config::Config>& read);
  void say(const std::vector<config::Change>& changes, const config::Config& read);
  void apply(const std::vector<config::Change>& changes, const config::Config& read);

  config::Config config_;             // as it counts now
  std::atomic<RecordPolicy> record_;  // of it, for commands
  std::string process_id_;            // of no other process, before or after
  bool follows_;                      // another process has served before
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
  std::atomic<std::size_t> links_ = 0;  // of backends that dial in, in this process
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> next_worker_ = 0;
  std::vector<std::unique_ptr<Strangers>> strangers_;
  WaitingRoom waiting_room_;
  ProxyHeader proxy_header_;
  Acceptor acceptor_;
  Listening listening_;
  std::unique_ptr<admin::LocalEndpoint> local_endpoint_;
  std::unique_ptr<admin::PeerEndpoint> peer_endpoint_;
  Reload reload_;
  SessionsElsewhere sessions_elsewhere_;
  Retirement retirement_;
  LastArrivals last_arrivals_;
  IgnoredSignals ignored_;
  loop::Signals signals_;
  SupervisorChannel supervisor_;
  Companions companions_;
};

}  // namespace bastion::server
