// The threads that logins are on: those for strangers until they have authenticated, workers from then on. How many
// there are is the configuration's; they share nothing but what is handed to all of them here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bastion/config/config.h"
#include "bastion/follow/lookout.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/loop.h"
#include "bastion/metrics/counters.h"
#include "bastion/record/recorder.h"
#include "bastion/server/entrance.h"
#include "bastion/server/executors.h"
#include "bastion/server/front_desk.h"
#include "bastion/server/preparation.h"
#include "bastion/server/rsa_signatures.h"
#include "bastion/server/strangers.h"
#include "bastion/server/user_caps.h"
#include "bastion/server/wakers.h"
#include "bastion/server/worker.h"
#include "bastion/server/workers.h"
#include "bastion/session/admin_endpoint.h"
#include "bastion/session/path.h"
#include "bastion/session/recent_refusals.h"
#include "bastion/session/window_endpoint.h"
#include "store/writer.h"

namespace bastion::server {

// Belongs to the main thread.
class LoginThreads {
 public:
  // All of it outlives this, but for the writer, which may go when the threads have ended.
  struct Place {
    loop::Loop& loop;              // the main one, on which the entrance is told what becomes of strangers
    const config::Config& config;  // as it counts now
    const Preparation& prepared;
    Executors& executors;
    store::Writer& writer;
    metrics::Counters& counters;
    session::RecentRefusals& refusals;
    record::Recorder& recorder;
    UserCaps& caps;
    RsaSignatures& rsa_signatures;
    Entrance& entrance;
    Workers& all_workers;
    Wakers& wakers;
    follow::Lookout& lookout;
    session::AdminEndpoint& admin_endpoint;
    session::WindowEndpoint& window;
  };
  explicit LoginThreads(const Place& place) : place_(place) {}
  LoginThreads(const LoginThreads&) = delete;
  LoginThreads& operator=(const LoginThreads&) = delete;

  // Workers, and then threads for strangers, which ask `desk`: it outlives this.
  [[nodiscard]] Result<> start(const FrontDesk& desk);

  // Somebody whom the entrance has let in.
  void take(loop::Descriptor connection, session::Arrival arrival, const Entrance::Pass& pass);
  // The configuration is another one.
  void apply();
  // Another process serves: sessions may stay for so long from the first call on.
  void retire(std::chrono::seconds limit);
  // They are let go. Returns when their threads have ended.
  void turn_strangers_away();
  // Sessions have what is left of `drain_timeout`. Returns when their threads have ended.
  void drain(std::chrono::milliseconds spent);

  // Backends that dial in are there.
  [[nodiscard]] bool has_links() const { return links_ != 0; }
  [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Strangers>>& strangers() const { return strangers_; }

 private:
  Result<> start_worker(const FrontDesk& desk);
  Result<> start_strangers(const FrontDesk& desk);
  [[nodiscard]] Strangers::Events events_of_strangers();
  // Whoever has authenticated. From any thread for strangers.
  void hand_on(session::Admission admission, loop::TcpStream::Released connection);
  void settled(const Strangers::Settled& settled);
  // Those of one address share a thread: what it makes us compute, most others do not wait for.
  [[nodiscard]] Strangers& thread_of(const std::string& host) {
    return *strangers_[std::hash<std::string>{}(host) % strangers_.size()];
  }
  // Whoever has authenticated goes to them in turn. From any thread.
  [[nodiscard]] Worker& next_worker() { return *workers_[next_worker_++ % workers_.size()]; }

  Place place_;
  std::atomic<std::size_t> links_ = 0;  // of backends that dial in, in this process
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> next_worker_ = 0;
  std::vector<std::unique_ptr<Strangers>> strangers_;
};

}  // namespace bastion::server
