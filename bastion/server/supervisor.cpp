#include "bastion/server/supervisor.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ranges>
#include <tuple>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/key_places.h"
#include "bastion/signer/packet.h"

namespace bastion::server {
namespace {

// Of one process; the configuration may name as many addresses.
constexpr std::size_t kMostListeners = 256;

// So often in the time of the watchdog it is told, where that does not follow from what a process says.
constexpr int kTimesToBeAlive = 3;

}  // namespace

Supervisor::Supervisor(Settings settings, loop::FileLock lock)
    : settings_(std::move(settings)),
      lock_(std::move(lock)),
      pause_(loop_,
             [this] {
               reloads_ = false;
               if (std::exchange(asked_again_, false)) reload();
             }),
      answer_due_(loop_,
                  [this] {
                    log::error("the process that serves does not say that it has read the configuration again");
                    reload_ended();
                  }),
      alive_(loop_, [this] { stay_alive(); }),
      signals_(loop_, [this](int number) { on_signal(number); }) {}

Supervisor::~Supervisor() = default;

int Supervisor::run() {
  if (const auto started = start(settings_.first); !started) {
    log::error("{}", started.error().text);
    return 1;
  }
  if (const auto within = manager_.watchdog()) alive_.repeat(*within / kTimesToBeAlive);
  loop_.run();
  return status_;
}

FileStamps Supervisor::stamps() const {
  auto paths = setup::KeyPlaces(config::StateDir(settings_.state_dir)).folders();
  paths.push_back(settings_.program);
  return stamps_of(paths);
}

Result<> Supervisor::start(const std::filesystem::path& program) {
  auto stamps = this->stamps();
  auto process = start_generation(program, settings_.source);
  if (!process) return std::unexpected(process.error());
  auto& generation = generations_.emplace_back();
  generation.process = *std::move(process);
  generation.stamps = std::move(stamps);
  generation.watcher.emplace(loop_, generation.process.control.get(),
                             [this, &generation](unsigned) { receive(generation); });
  generation.watcher->watch(loop::Watcher::readable);
  for (const auto& socket : settings_.activated) tell(generation, Order::activated, {}, socket.get());
  for (const auto& listener : listeners_) tell(generation, Order::listener, {}, listener.get());
  tell(generation, Order::begin, settings_.state_dir.string());
  if (!has_served_) return {};
  generation.deadline.emplace(loop_, [this, &generation] {
    generation.failure = fmt::format("it was not ready within {} s", settings_.start_within.count());
    ::kill(generation.process.process, SIGKILL);
  });
  generation.deadline->start(settings_.start_within);
  return {};
}

// One that closes its socket, or says what no process of ours says, has ended or has to.
void Supervisor::receive(Generation& generation) {
  errno = 0;
  auto packet = signer::receive_packet(generation.process.control.get());
  if (!packet && errno == EAGAIN) return;
  if (!packet || !*packet) {
    generation.watcher->watch(loop::Watcher::none);
    ::kill(generation.process.process, SIGKILL);
    return;
  }
  if (const auto report = parse_report((*packet)->message)) {
    on_report(generation, *report, std::move((*packet)->descriptor));
  }
}

void Supervisor::on_report(Generation& generation, const Message<Report>& report, loop::Descriptor descriptor) {
  const bool starts = generation.state == State::starting;
  switch (report.kind) {
    case Report::listener:
      if (starts && descriptor.valid() && generation.listeners.size() < kMostListeners) {
        generation.listeners.push_back(std::move(descriptor));
      }
      return;
    case Report::ready:
      if (starts) on_ready(generation, report.text);
      return;
    case Report::failed:
      if (starts && generation.failure.empty()) generation.failure = printable(report.text);
      return;
    case Report::reloaded:
      if (generation.state != State::serving) return;
      if (const auto level = parse_level(report.text)) log::set_level(*level);
      return reload_ended();
    case Report::handover_wanted:
      if (generation.state == State::serving && reloads_ && in(State::starting) == nullptr) hand_over();
      return;
    case Report::closed:
      if (generation.state != State::serving) return;
      stop();  // also where it was told so by somebody else, or cannot go on
      return lock_.reset();
    case Report::turns: return on_turns(generation, report.text);
    case Report::stands_still:
      if (generation.state == State::serving && !stops_) manager_.status(printable(report.text));
      return;
  }
}

// Of the one that serves it is the proof that systemd waits for. One that has only sessions still does not end the
// others' when it stands still, but by itself.
void Supervisor::on_turns(Generation& generation, const std::string& text) {
  if (const auto carried = parse_carried(text)) generation.carried = *carried;
  if (stops_) return;
  if (generation.state == State::serving) {
    manager_.alive();
    tell_status();
  } else if (generation.silent) {
    generation.silent->start(*manager_.watchdog());
  }
}

void Supervisor::tell_status() {
  const auto* const serving = in(State::serving);
  if (serving == nullptr) return;
  std::vector<Carried> older;
  for (const auto& generation : generations_) {
    if (generation.state == State::retired) older.push_back(generation.carried);
  }
  manager_.status(status_of(serving->carried, older));
}

// Who comes to an end has a time for that, and one of a release that does not say that it turns is taken at its word
// that it serves.
void Supervisor::stay_alive() {
  const auto* const serving = in(State::serving);
  if (stops_ || (serving != nullptr && !serving->ready->says_it_turns)) manager_.alive();
}

void Supervisor::on_ready(Generation& generation, const std::string& text) {
  generation.ready = parse_ready(text);
  if (!generation.ready) {
    generation.failure = "what it says cannot be understood";
    ::kill(generation.process.process, SIGKILL);
    return;
  }
  auto* const before = in(State::serving);
  generation.deadline.reset();
  generation.state = State::serving;
  log::set_level(generation.ready->level);
  if (stops_) return;
  listeners_ = std::move(generation.listeners);
  generation.listeners.clear();
  has_served_ = true;
  if (before != nullptr) {
    retire(*before, generation.ready->handover_limit);
    const auto older = std::ranges::count(generations_, State::retired, &Generation::state);
    log::info("handed over to another process pid={} older={}", generation.process.process, older);
  }
  tell_peers();
  tell_status();
  if (before == nullptr) {
    manager_.ready();
    on_serving_();
  } else {
    reload_ended();
  }
  // After a handover that is for the end of the pause.
  if (!reloads_ && std::exchange(asked_again_, false)) reload();
}

void Supervisor::retire(Generation& generation, std::chrono::seconds limit) {
  generation.state = State::retired;
  tell(generation, Order::retire);
  generation.deadline.emplace(loop_, [&generation] {
    log::error("a process that was handed over from does not end, and is killed pid={}", generation.process.process);
    ::kill(generation.process.process, SIGKILL);
  });
  generation.deadline->start(limit + kLastMinute);
  if (!manager_.watchdog() || !generation.ready->says_it_turns) return;
  generation.silent.emplace(loop_, [this, &generation] {
    if (stops_) return;
    log::error("a process that was handed over from stands still, and is killed pid={}", generation.process.process);
    ::kill(generation.process.process, SIGKILL);
  });
  generation.silent->start(*manager_.watchdog());
}

void Supervisor::on_signal(int number) {
  if (number == SIGCHLD) return reap();
  if (number == SIGTERM || number == SIGINT) return stop();
  if (number != SIGHUP) return ignored_.note(number, loop_.now());
  if (stops_) return;
  if (reloads_ || !has_served_) {
    asked_again_ = true;
  } else {
    reload();
  }
}

// The program itself does what it can, and says when it cannot; one that was replaced is not asked, because it may not
// understand what is written for the other one.
void Supervisor::reload() {
  auto* const serving = in(State::serving);
  if (serving == nullptr || stops_) return;
  reloads_ = true;
  manager_.reloading();
  const auto now = stamps();
  const bool is_installed = now.contains(settings_.program);
  if (is_installed && now != serving->stamps) return hand_over();
  for (auto& generation : generations_) {
    if (generation.state != State::starting) tell(generation, Order::reload);
  }
  answer_due_.start(settings_.start_within);
}

void Supervisor::hand_over() {
  answer_due_.stop();
  const auto older = static_cast<std::size_t>(std::ranges::count(generations_, State::retired, &Generation::state));
  if (older >= kMostRetired) {
    return start_failed(
        fmt::format("{} older processes still have sessions: `session list` names them, a restart ends them", older));
  }
  const auto started = start(settings_.program);
  if (!started) start_failed(started.error().text);
}

void Supervisor::start_failed(const std::string& why) {
  log::error("not handed over, and the process that serves goes on as before: {}", why);
  reload_ended();
}

void Supervisor::reload_ended() {
  if (!reloads_ || stops_) return;
  answer_due_.stop();
  manager_.ready();
  pause_.start(settings_.pause);
  on_reloaded_();
}

// Whatever waits to be accepted is refused as soon as nobody listens any more.
void Supervisor::stop() {
  if (std::exchange(stops_, true)) return;
  manager_.stopping();
  listeners_.clear();
  settings_.activated.clear();
  for (const auto& generation : generations_) ::kill(generation.process.process, SIGTERM);
}

void Supervisor::reap() {
  for (;;) {
    int status = 0;
    const auto process = ::waitpid(-1, &status, WNOHANG);
    if (process < 0 && errno == EINTR) continue;
    if (process <= 0) break;
    const auto found = std::ranges::find_if(
        generations_, [&](const Generation& generation) { return generation.process.process == process; });
    if (found != generations_.end()) ended(found, status);
  }
  if (generations_.empty()) loop_.stop();
}

void Supervisor::ended(Generations::iterator generation, int wait_status) {
  // What it has said last is in the socket still.
  for (;;) {
    auto packet = signer::receive_packet(generation->process.control.get());
    if (!packet || !*packet) break;
    if (const auto report = parse_report((*packet)->message)) {
      on_report(*generation, *report, std::move((*packet)->descriptor));
    }
  }
  const auto state = generation->state;
  const auto process = generation->process.process;
  auto failure = std::move(generation->failure);
  generations_.erase(generation);
  const bool is_clean = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  switch (state) {
    case State::starting:
      if (failure.empty()) failure = fmt::format("it {} before it was ready", describe_end(wait_status));
      if (has_served_) return start_failed(failure);
      status_ = 1;
      if (!stops_) return log::error("{}", failure);
      if (WIFSIGNALED(wait_status)) ended_by_ = WTERMSIG(wait_status);
      return;
    case State::serving:
      if (!is_clean) status_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1;
      if (stops_ && is_clean) return;
      if (WIFSIGNALED(wait_status)) log::error("the process that serves {} pid={}", describe_end(wait_status), process);
      return stop();
    case State::retired:
      if (!is_clean) log::error("a process that was handed over from {} pid={}", describe_end(wait_status), process);
      tell_peers();
      if (!stops_) tell_status();
      return;
  }
}

// Who they are, for what commands ask of all of them.
void Supervisor::tell_peers() {
  for (auto& generation : generations_) {
    if (!generation.ready) continue;
    std::vector<std::string> others;
    for (const auto& other : generations_) {
      if (&other != &generation && other.ready) others.push_back(other.ready->id);
    }
    tell(generation, Order::peers, text_of_peers(others));
  }
}

void Supervisor::tell(Generation& generation, Order order, std::string_view text, int descriptor) {
  const auto sent = signer::send_packet(generation.process.control.get(), encode(order, text), descriptor);
  // One that has ended is about to be reaped.
  if (!sent) log::debug("a process does not listen pid={}: {}", generation.process.process, sent.error().text);
}

Supervisor::Generation* Supervisor::in(State state) {
  const auto found = std::ranges::find(generations_, state, &Generation::state);
  return found == generations_.end() ? nullptr : &*found;
}

}  // namespace bastion::server
