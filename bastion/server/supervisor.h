// `bastion serve` itself: it starts the process that serves, and another one in its place when the program or the
// configuration has changed, without closing what they listen on. It reads nothing that anybody sends but those
// processes, holds no keys, and serves nobody.
//
//   starting -> serving -> retired -> gone        each process; one at a time is the first, and one the second
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/config/file.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/file_lock.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/signals.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"
#include "bastion/server/generation_messages.h"
#include "bastion/server/generation_process.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/service_manager.h"

namespace bastion::server {

class Supervisor {
 public:
  struct Settings {
    config::Source source;
    std::filesystem::path state_dir;
    std::filesystem::path first = kThisProgram;
    std::filesystem::path program;                 // where another one will stand
    std::vector<loop::Descriptor> activated = {};  // listened on in the place of what is configured
    // A process that has not said by then that it serves is given up; of the first one whoever started us decides.
    std::chrono::seconds start_within{60};
    // From the end of one change of configuration or program to the next.
    std::chrono::milliseconds pause{1000};
  };
  // Each may have sessions for as long as `handover_limit` says; with so many of them there is no other one.
  static constexpr std::size_t kMostRetired = 16;
  // What a retired process may take for its end beyond its limit.
  static constexpr std::chrono::seconds kLastMinute{60};

  // `lock` is that of the state directory.
  Supervisor(Settings settings, loop::FileLock lock);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Until SIGTERM or SIGINT and the end of every process, or until the one that serves has ended by itself. Returns the
  // exit status. Call after loop::catch_signals() with SIGTERM, SIGINT and SIGCHLD.
  [[nodiscard]] int run();
  // Call before run(). The first process serves; a change of configuration or program is over, whatever came of it.
  void on_serving(std::function<void()> told) { on_serving_ = std::move(told); }
  void on_reloaded(std::function<void()> told) { on_reloaded_ = std::move(told); }
  // The signal that ended the first process before it served, where that was asked for.
  [[nodiscard]] std::optional<int> ended_by() const { return ended_by_; }

 private:
  enum class State : std::uint8_t { starting, serving, retired };
  struct Generation {
    State state = State::starting;
    GenerationProcess process;
    FileStamps stamps;  // of what it was started from
    std::optional<Ready> ready = std::nullopt;
    std::string failure = {};
    std::vector<loop::Descriptor> listeners = {};  // until it is ready
    std::optional<loop::Watcher> watcher = std::nullopt;
    std::optional<loop::Timer> deadline = std::nullopt;
    Carried carried = {};
    std::optional<loop::Timer> silent = std::nullopt;  // a retired one that has not said for so long that it turns
  };
  using Generations = std::list<Generation>;

  Result<> start(const std::filesystem::path& program);
  void receive(Generation& generation);
  void on_report(Generation& generation, const Message<Report>& report, loop::Descriptor descriptor);
  void on_ready(Generation& generation, const std::string& text);
  void on_signal(int number);
  void reload();
  void hand_over();
  void retire(Generation& generation, std::chrono::seconds limit);
  void reload_ended();
  void stop();
  void reap();
  void ended(Generations::iterator generation, int wait_status);
  void start_failed(const std::string& why);
  void on_turns(Generation& generation, const std::string& text);
  void tell_status();
  void stay_alive();
  void tell_peers();
  void tell(Generation& generation, Order order, std::string_view text = {}, int descriptor = -1);
  [[nodiscard]] Generation* in(State state);
  [[nodiscard]] FileStamps stamps() const;

  Settings settings_;
  loop::Loop loop_;
  ServiceManager manager_;
  std::optional<loop::FileLock> lock_;  // given up when nobody new is served
  std::vector<loop::Descriptor> listeners_;
  Generations generations_;
  bool has_served_ = false;
  bool reloads_ = false;      // or pauses after that
  bool asked_again_ = false;  // meanwhile
  bool stops_ = false;
  int status_ = 0;
  std::optional<int> ended_by_;
  std::function<void()> on_serving_ = [] {};
  std::function<void()> on_reloaded_ = [] {};
  IgnoredSignals ignored_;
  loop::Timer pause_;
  loop::Timer answer_due_;
  loop::Timer alive_;
  loop::Signals signals_;
};

}  // namespace bastion::server
