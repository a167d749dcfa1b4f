// One thread with its loop, its sessions, its hops and its read connection to the store. Workers share nothing but
// what never changes; the rest of the program talks to one by posting to it.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "bastion/access/lookup.h"
#include "bastion/follow/lookout.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/metrics/load.h"
#include "bastion/probe/explanation.h"
#include "bastion/probe/instances.h"
#include "bastion/probe/order.h"
#include "bastion/server/farewell.h"
#include "bastion/server/probes.h"
#include "bastion/server/session_counter.h"
#include "bastion/server/user_caps.h"
#include "bastion/session/admin_endpoint.h"
#include "bastion/session/detours.h"
#include "bastion/session/journal.h"
#include "bastion/session/live_session.h"
#include "bastion/session/reauthorizer.h"
#include "bastion/session/recent_refusals.h"
#include "bastion/session/session_log.h"
#include "bastion/session/settings.h"
#include "bastion/session/stranger.h"
#include "bastion/session/window_endpoint.h"
#include "bastion/transport/server_profile.h"
#include "bastion/transport/signing.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/upstream/known_hosts.h"
#include "bastion/wake/alarm.h"
#include "bastion/wake/station.h"
#include "store/reader.h"

namespace bastion::session {
class Link;
class Session;
}  // namespace bastion::session

namespace bastion::record {
class Recorder;
}

namespace bastion::server {

class Worker {
 public:
  struct Settings {
    loop::TcpTimeout timeout;
    session::Settings session;
    upstream::HopPool::Settings hops;
    access::Defaults defaults;
    std::string server;
    std::chrono::seconds connect_timeout;
    std::chrono::seconds drain_timeout;
    std::string key_exchange;
    std::string host_key_algorithms{};
    std::chrono::seconds wake_limit{90};
    std::filesystem::path links{};  // where links have their sockets; empty: nobody dials in
  };

  // `identity`, `writer`, `names`, `counters`, `caps` and `admin_endpoint` are shared by all workers and outlive them.
  Worker(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
         const transport::OwnIdentity& identity, std::unique_ptr<store::Reader> reader, store::Writer& writer,
         loop::Executor& names, metrics::Counters& counters, UserCaps& caps, session::AdminEndpoint& admin_endpoint);
  ~Worker();

  // Before start(): how keys sign that are in another process.
  void sign_through(std::unique_ptr<transport::RemoteSigner> signer) { signer_ = std::move(signer); }
  // Before start(): who serves the window; without that there is none.
  void shows_window_through(session::WindowEndpoint& window) { window_ = &window; }
  // Before start(): whom its sessions ask to start what they find silent; without that nobody is asked.
  void wakes_through(wake::Alarm& alarm, hooks::HookRunner* hooks) {
    alarm_ = &alarm;
    hook_runner_ = hooks;
  }
  // Before start(): whom its sessions ask where containers are that they do not find; without that nobody is asked.
  void looks_out_through(follow::Lookout& lookout) { lookout_ = &lookout; }
  // Before start(): who knows keys that the directory has not; nullptr: nobody.
  void knows_keys_through(auth::ExternalKeys* external_keys) { external_keys_ = external_keys; }
  // Before start(): who records its sessions; without that nothing is recorded.
  void records_through(record::Recorder* recorder) { recorder_ = recorder; }
  // Before start(): how many links there are on all workers, of which it takes its own off when they end.
  void counts_links_in(std::atomic<std::size_t>& links) { links_there_ = &links; }
  // Before start(): who keeps what was refused.
  void tells_of_refusals(session::RecentRefusals& recent) { observers_.push_back(&recent); }
  // Makes its thread. Nothing that is asked of it happens before.
  [[nodiscard]] Result<> start();

  // From any thread.
  // Somebody who was admitted, and what they were admitted on.
  void take(session::Admission admission, loop::TcpStream::Released connection);
  // Other settings from now on: settings.cpp in config says what each counts for. `server`, `key_exchange` and
  // `host_key_algorithms` stay.
  void apply(const Settings& settings);
  // Gives what is running there, on the worker's thread.
  void report(std::function<void(std::vector<session::LiveSession>)> take);
  // What it has at a moment.
  struct Snapshot {
    std::vector<session::LiveSession> sessions;
    std::vector<upstream::BackendView> backends;
    metrics::Load load;
  };
  // Gives that, on the worker's thread.
  void snapshot(std::function<void(Snapshot)> take);
  // Gives what it carries, on the worker's thread.
  void weigh(std::function<void(const metrics::Load&)> take);
  // Tries a login without a user, and gives what came of it, on the worker's thread.
  void explain(probe::Explanation::Question question, std::function<void(probe::Explanation)> take);
  // Gives what it knows of this backend, or of all.
  void look(std::optional<std::string> backend, std::function<void(std::vector<upstream::Prospect>)> take);
  // Asks a backend which instances it runs, and gives what it said.
  void list_instances(probe::InstancesWanted wanted, std::function<void(Result<std::string>)> take);
  // Has a backend do something, and gives how that ended.
  void carry_out(probe::Order order, std::function<void(Result<probe::Ordered>)> take);
  // Measures the last of these hops, and gives what came of it.
  void check_health(std::vector<access::Hop> way, std::function<void(upstream::Reachability)> take);
  // Starts it, unless that is under way or has just failed, and gives what came of it.
  void wake(wake::Wanted wanted, wake::Station::OnOver take);
  // Those of these sessions that are there end.
  void end(std::vector<std::string> sessions, End end);
  // Those that lead to this place end, and those that are on their way there.
  void vacate(access::ContainerPlace place, End end);
  // Another process serves: sessions may stay for so long from the first call on.
  void retire(std::chrono::seconds limit);
  // Sessions have what is left of `drain_timeout` to end by themselves, then they are ended; then the thread ends.
  // Nobody is given to it any more.
  void drain(std::chrono::milliseconds spent = {});
  // Waits for that. What others still post to the worker's loop is dropped.
  void join();

 private:
  void run();
  void begin(session::Admission admission, loop::TcpStream::Released connection);
  void begin_link(session::Admission admission, std::unique_ptr<ByteStream> stream);
  void on_settings(const Settings& settings);
  void over(session::Session& session);
  void over(session::Link& link);
  // Hops that nobody uses are closed at once, so that links carry nothing soon; those that carry nothing end.
  void retire_links();
  void finish_links(const End& end);
  void on_retire(std::chrono::seconds limit);
  void look_at_the_time();
  void on_drain(std::chrono::milliseconds spent);
  [[nodiscard]] std::vector<session::Session*> where(
      const std::function<bool(const session::Session&)>& concerned) const;
  void finish_where(const std::function<bool(const session::Session&)>& concerned, const End& end);
  void stop_if_empty();
  [[nodiscard]] std::vector<session::LiveSession> live_sessions() const;
  [[nodiscard]] metrics::Load load() const;
  // Of a container that was started: where its source says that it is.
  [[nodiscard]] Task<> find_again(wake::Wanted& wanted);

  Settings settings_;
  session::AdminEndpoint& admin_endpoint_;
  session::WindowEndpoint* window_ = nullptr;
  UserCaps& caps_;
  store::Writer& writer_;
  wake::Alarm* alarm_ = nullptr;
  hooks::HookRunner* hook_runner_ = nullptr;
  follow::Lookout* lookout_ = nullptr;
  auth::ExternalKeys* external_keys_ = nullptr;
  record::Recorder* recorder_ = nullptr;
  loop::Loop loop_;
  std::unique_ptr<store::Reader> reader_;
  access::Lookup lookup_;
  upstream::KnownHosts known_hosts_;
  session::Journal journal_;
  session::SessionLog log_;
  SessionCounter counter_;
  session::Observers observers_;
  std::unique_ptr<transport::RemoteSigner> signer_;  // nullptr: all keys are here
  transport::ServerProfile profile_;
  upstream::Credentials credentials_;
  std::optional<upstream::HopPool> hops_;
  std::optional<wake::Station> station_;
  std::optional<Probes> probes_;
  std::optional<session::Reauthorizer> reauthorizer_;
  session::Detours detours_;
  std::list<std::unique_ptr<session::Session>> sessions_;
  std::list<std::unique_ptr<session::Link>> links_;
  std::atomic<std::size_t>* links_there_ = nullptr;
  std::optional<Farewell> farewell_;
  std::optional<loop::Timer> farewell_due_;
  std::optional<loop::Timer> drain_deadline_;
  std::thread thread_;
};

}  // namespace bastion::server
