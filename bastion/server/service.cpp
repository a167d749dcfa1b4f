#include "bastion/server/service.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/config/settings.h"
#include "bastion/server/crash_recovery.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/id.h"
#include "bastion/server/settings.h"
#include "store/bans.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/sessions.h"

namespace bastion::server {
namespace {

// The first thing that is written, whenever that may be: a start does not wait for whoever writes to the database.
void close_left_open_here(store::Writer& writer, const ServerId& server) {
  auto servers = server.free();
  servers.emplace_back();  // what was opened by a program that did not say yet who it was
  writer.change("sessions that were left open stay so", [servers](store::Database& database) -> Result<> {
    const auto closed = close_left_open(database, servers, unix_now());
    if (!closed) return std::unexpected(closed.error());
    if (*closed > 0) log::warning("sessions had been left open, and are closed now count={}", *closed);
    return {};
  });
}

UserCaps::Time instant_in_milliseconds() { return std::chrono::floor<UserCaps::Time>(loop::Loop::instant()); }

// How often it is said at most that a signal is ignored.
constexpr std::chrono::minutes kSilence{1};

// For changes by administrators that were begun before the last session ended. The writer's last records have a second
// too, and nobody is to wait for more than two.
constexpr std::chrono::milliseconds kLastChanges{500};

// sd_notify(3): until READY=1 the reload goes on, and systemctl reload waits for that.
void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds).c_str());
}

// As OpenSSH's sshd does it, which has one sentence for everybody it drops. Whoever does not read it has closed the
// connection, or has a window that is closed: nobody waits for that.
void refuse(const loop::Descriptor& connection) {
  constexpr std::string_view kSentence = "Not allowed at this time\r\n";
  std::ignore = ::send(connection.get(), kSentence.data(), kSentence.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

Service::Service(const config::Config& config, const config::Source& source, Preparation preparation,
                 Executors executors, std::unique_ptr<store::Writer> writer)
    : config_(config),
      lock_(std::move(preparation.lock)),
      prepared_(std::move(preparation)),
      executors_(std::move(executors)),
      writer_(std::move(writer)),
      housekeeping_(loop_, *writer_, retention(config_)),
      caps_(caps_per_user(config_)),
      entrance_(loop_, *writer_, counters_, config_),
      ban_reader_(loop_, executors_.questions(), config_.database(),
                  [this](const auto& bans) { entrance_.set_bans(bans); }),
      all_workers_(
          [this](const std::optional<Network>& lifted) { loop_.post([this, lifted] { on_bans_changed(lifted); }); }),
      site_{.database = config.database(),
            .identity = transport::public_halves(prepared_.identity),
            .runtime = all_workers_,
            .writer = *writer_,
            .changes = executors_.changes(),
            .questions = executors_.questions()},
      endpoint_(site_),
      proxy_header_(config.proxy_protocol),
      acceptor_(loop_, &proxy_header_, {},
                {.on_accepted = [this](loop::Descriptor connection,
                                       const Endpoint& from) { accept(std::move(connection), from); },
                 .on_dropped = [this](const Endpoint& peer) { entrance_.turned_away(peer); }}),
      reload_(loop_, executors_.files(), source,
              {.begins = notify_reloading, .ends = [this](const auto& read) { on_reload(read); }}),
      signals_(loop_, [this](int number) { on_signal(number); }),
      signer_watcher_(loop_, prepared_.signer->watched(), [this](unsigned) { on_signer_ended(); }) {
  signer_watcher_.watch(loop::Watcher::readable);
}

Result<std::unique_ptr<Service>> Service::start(const config::Config& config, const config::Source& source,
                                                Preparation preparation) {
  auto executors = Executors::start();
  if (!executors) return std::unexpected(executors.error());
  auto writer = store::Writer::open(config.database());
  if (!writer) return std::unexpected(writer.error());
  close_left_open_here(**writer, preparation.id);
  std::unique_ptr<Service> service(
      new Service(config, source, std::move(preparation), *std::move(executors), *std::move(writer)));
  if (auto restored = service->restore_entrance(); !restored) return std::unexpected(restored.error());
  const auto threads = thread_counts(config);
  if (auto started = service->start_workers(threads.workers); !started) return std::unexpected(started.error());
  if (auto started = service->start_strangers(threads.strangers); !started) return std::unexpected(started.error());
  if (auto listening = service->listen(); !listening) return std::unexpected(listening.error());
  return service;
}

// Whom it refused, and who had come in, before it was started.
Result<> Service::restore_entrance() {
  auto database = store::Database::open(config_.database(), store::Database::Access::read);
  if (!database) return std::unexpected(database.error());
  const auto now = unix_now();
  const auto bans = store::Bans(*database).all(now);
  if (!bans) return std::unexpected(bans.error());
  const auto since = now - std::chrono::seconds(Entrance::kGoodLogins).count();
  const auto came_from = store::Sessions(*database).came_from(since, Entrance::kMostGood);
  if (!came_from) return std::unexpected(came_from.error());
  entrance_.restore(*bans, *came_from);
  return {};
}

Result<> Service::start_workers(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    auto reader = store::Reader::open(config_.database());
    if (!reader) return std::unexpected(reader.error());
    workers_.push_back(std::make_unique<Worker>(worker_settings(config_, prepared_.id), prepared_.host_keys,
                                                prepared_.identity, *std::move(reader), *writer_, executors_.names(),
                                                counters_, caps_, endpoint_));
    workers_.back()->sign_through(prepared_.signer->take_channel());
    if (auto started = workers_.back()->start(); !started) {
      workers_.pop_back();
      return std::unexpected(std::move(started.error()));
    }
    all_workers_.add(*workers_.back());
  }
  return {};
}

Result<> Service::start_strangers(std::size_t threads) {
  const Strangers::Events events{
      .on_admitted =
          [this](session::Admission admission, loop::TcpStream::Released connection) {
            admission.refused = caps_.begin(admission.identity.user, admission.arrival.id, instant_in_milliseconds());
            workers_[next_worker_++ % workers_.size()]->take(std::move(admission), std::move(connection));
          },
      .on_settled =
          [this](const Strangers::Settled& settled) { loop_.post([this, settled] { entrance_.settled(settled); }); },
      .on_progress =
          [this](const std::string& id, Progress progress) {
            loop_.post([this, id, progress] { entrance_.progressed(id, progress); });
          }};
  for (std::size_t i = 0; i < threads; ++i) {
    auto reader = store::Reader::open(config_.database());
    if (!reader) return std::unexpected(reader.error());
    strangers_.push_back(std::make_unique<Strangers>(strangers_settings(config_, prepared_.id), prepared_.host_keys,
                                                     *std::move(reader), *writer_, counters_, events));
    strangers_.back()->sign_through(prepared_.signer->take_channel());
    if (auto started = strangers_.back()->start(); !started) {
      strangers_.pop_back();
      return std::unexpected(std::move(started.error()));
    }
  }
  return {};
}

Result<> Service::listen() {
  for (const auto& address : config_.listen) {
    if (!loop::Listener::is_possible(address)) {
      log::warning("not listening on {}: this machine has no such addresses", address.text());
      continue;
    }
    auto listener = loop::Listener::open(loop_, address, [this](loop::Descriptor connection, const Endpoint& from) {
      acceptor_.take(std::move(connection), from);
    });
    if (!listener) return std::unexpected(listener.error());
    log::info("listening on {}", (*listener)->bound().text());
    listeners_.push_back(*std::move(listener));
  }
  if (listeners_.empty()) return fail("there is no address to listen on");
  auto endpoint = admin::LocalEndpoint::open(loop_, site_, config::StateDir(config_.state_dir).admin_socket());
  if (endpoint) {
    local_endpoint_ = *std::move(endpoint);
  } else {
    log::warning("`bastion admin` cannot see sessions: {}", endpoint.error().text);
  }
  return {};
}

void Service::accept(loop::Descriptor connection, const Endpoint& from) {
  auto id = new_id();
  const auto pass = entrance_.enter(from, id);
  if (!pass) return refuse(connection);
  if (pass->makes_room) thread_of(pass->makes_room->host).let_go(pass->makes_room->id);
  thread_of(from.host).accept(std::move(connection),
                              {.id = std::move(id), .from_host = from.host, .from_port = from.port}, pass->treatment);
}

// What was told in another order than it was written is right all the same: what is read is what counts.
void Service::on_bans_changed(const std::optional<Network>& lifted) {
  if (lifted) entrance_.forgive(*lifted);
  ban_reader_.ask();
}

void Service::on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) return loop_.stop();
  if (number == SIGHUP) return reload_.ask();
  const auto said = ignored_.find(number);
  if (said != ignored_.end() && loop_.now() - said->second < kSilence) return;
  ignored_[number] = loop_.now();
  log::info("signal ignored name={}", name_of_signal(number));
}

// Nobody new can be let in, and no session exchange keys again. Another signer cannot be started from here: this
// process may not read the keys any more, nor may what it starts. Whoever started it starts it anew.
void Service::on_signer_ended() {
  signer_watcher_.watch(loop::Watcher::none);
  log::error("the process that holds the private keys has ended: without it nobody can be let in");
  has_failed_ = true;
  loop_.stop();
}

void Service::on_reload(const Result<config::Config>& read) {
  if (read) {
    apply(*read);
  } else {
    log::error("the configuration stays as it is: {}", read.error().text);
  }
  sd_notify(0, "READY=1");
}

// What needs a restart is said at every reload until there is one, because it does not count yet.
void Service::apply(const config::Config& read) {
  const auto changes = config::changes(config_, read);
  const auto before = config_;
  for (const auto& change : changes) {
    if (change.setting->counts != config::Counts::after_restart) config::copy(*change.setting, read, config_);
  }
  // What is said here can be read under the old level or the new one.
  log::set_level(std::min(before.log_level, config_.log_level));
  for (const auto& change : changes) {
    log::info("configuration: {} {} -> {}, counts {}", change.setting->key, change.before, change.after,
              config::text_of(change.setting->counts));
  }
  log::info("configuration read again: {}", changes.empty() ? "nothing has changed" : "that is all");
  log::set_level(config_.log_level);
  if (before.log_level != config_.log_level) prepared_.signer->log_from(static_cast<std::uint8_t>(config_.log_level));
  entrance_.apply(config_);
  caps_.limit(caps_per_user(config_));
  proxy_header_.trust(config_.proxy_protocol);
  housekeeping_.keep(retention(config_));
  for (const auto& worker : workers_) worker->apply(worker_settings(config_, prepared_.id));
  for (const auto& strangers : strangers_) strangers->apply(strangers_settings(config_, prepared_.id));
}

std::vector<std::string> Service::stop() {
  const auto until = loop::Loop::instant() + config_.drain_timeout + kLastChanges;
  listeners_.clear();
  local_endpoint_.reset();
  lock_.reset();
  for (const auto& strangers : strangers_) strangers->drain();
  for (const auto& strangers : strangers_) strangers->join();
  for (const auto& worker : workers_) worker->drain();
  for (const auto& worker : workers_) worker->join();
  const auto left = std::max(until - loop::Loop::instant(), std::chrono::microseconds::zero());
  auto going_on = executors_.close(std::chrono::ceil<std::chrono::milliseconds>(left));
  entrance_.write();
  writer_->close();
  return going_on;
}

// Workers outlive the writer, because what it still answers is addressed to their loops.
Service::~Service() {
  std::ignore = stop();
  writer_.reset();
  log::info("counted {}", metrics::text_of(counters_));
}

}  // namespace bastion::server
