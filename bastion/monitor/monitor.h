// Whether every loop turns, once a second; and what whoever watches the service is told, by HTTP: /metrics, /healthz,
// /readyz. On a thread of its own, so that it can say that another one stands still, and holds up nobody.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bastion/base/local_address.h"
#include "bastion/base/result.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"
#include "bastion/monitor/beats.h"
#include "bastion/monitor/database_check.h"
#include "bastion/monitor/elsewhere.h"
#include "bastion/monitor/http_endpoint.h"
#include "bastion/monitor/series.h"

namespace bastion::monitor {

class Monitor {
 public:
  // Other processes that serve from the same state directory.
  struct Others {
    std::string own_id = {};  // of this one, and of no other ever
    // One has served before this one: nothing is answered before it was asked, or counters would seem to begin anew.
    bool follows = false;
    std::function<bool()> any = nullptr;  // from any thread; nothing: there are none
    // What they have counted. It may wait for them, on a thread of `questions`, some seconds.
    std::function<std::vector<Elsewhere::Told>()> ask = nullptr;
  };

  struct Place {
    std::optional<LocalAddress> address;  // nothing: nobody asks by HTTP
    std::filesystem::path database;
    loop::Executor& questions;  // reads the database
    Sources sources;
    std::vector<Watched> watched;
    Others others = {};
    // Once a second, on its thread: which loop stands still, or an empty text, and what all of them carry.
    std::function<void(const std::string& still, const metrics::Load& load)> on_beat = [](const auto&, const auto&) {};
  };

  // All that it is given outlives stop(), and what is watched may answer until this is gone.
  explicit Monitor(Place place);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // Makes its thread. An address that cannot be had is tried again, and the log says so: nobody is kept out for that.
  [[nodiscard]] Result<> start();
  // From any thread: nobody new is let in from now on, and loops come to their ends.
  void drain() { drains_ = true; }
  // From any thread: why the bastion cannot sign with its keys, or nothing (an empty text).
  void set_unusable_keys(std::string why);
  // From any thread: they are others now.
  void others_changed();
  // From any thread: what is counted, and what others have; `take` is called on the monitor's, within half a second.
  void report(std::function<void(Report)> take);
  // From any thread: every loop as it was when it was asked last; `take` is called on the monitor's thread, at once.
  void ask_loops(std::function<void(std::vector<Beats::Heart>)> take);
  // From any thread: another process ends with this.
  void take_last(const std::string& id, const metrics::Samples& samples);
  // From any thread: the address is for the process that follows this one. What is counted goes on.
  void leave_address();
  // Ends the thread.
  void stop();

 private:
  void run();
  void beat();
  void listen();
  void on_request(std::uint64_t number, const http::Request& request);
  void answer(std::uint64_t number, const http::Response& response);
  void ask_others();
  void hear(const std::vector<Elsewhere::Told>& told);
  void listen_first();
  [[nodiscard]] Moment moment() const;
  [[nodiscard]] std::string unusable_keys() const;
  [[nodiscard]] http::Response figures() const;
  // Loops that come to their end turn no more, and that is as it should be.
  [[nodiscard]] std::string standing_still() const { return drains_ ? std::string() : beats_->standing_still(); }
  [[nodiscard]] http::Response health() const;
  [[nodiscard]] std::string fleet_line() const;
  void answer_readiness(std::uint64_t number);

  Place place_;
  std::int64_t started_at_;
  std::atomic<bool> drains_ = false;
  mutable std::mutex mutex_;
  std::string unusable_keys_;  // guarded by mutex_
  loop::Loop loop_;
  Elsewhere elsewhere_;  // of the thread
  // Made and destroyed by the thread.
  std::optional<Beats> beats_;
  std::optional<DatabaseCheck> database_;
  std::unique_ptr<HttpEndpoint> endpoint_;
  std::optional<loop::Timer> try_again_;
  std::optional<loop::Timer> others_due_;
  std::optional<loop::Work> asking_others_;
  bool ask_again_ = false;  // they have changed meanwhile
  bool listens_ = false;    // or tries to
  bool left_ = false;       // its address
  std::optional<loop::Timer> beat_;
  bool stood_still_ = false;
  int failures_ = 0;  // to listen
  std::thread thread_;
};

}  // namespace bastion::monitor
