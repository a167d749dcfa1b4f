#include "bastion/server/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/admin/local_endpoint.h"
#include "bastion/admin/reading_commands.h"
#include "bastion/admin/site.h"
#include "bastion/admin/ssh_endpoint.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/config/config.h"
#include "bastion/config/settings.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/signals.h"
#include "bastion/loop/timer.h"
#include "bastion/metrics/counters.h"
#include "bastion/server/acceptor.h"
#include "bastion/server/connection_limiter.h"
#include "bastion/server/crash_recovery.h"
#include "bastion/server/executors.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/server/housekeeping.h"
#include "bastion/server/id.h"
#include "bastion/server/instance_lock.h"
#include "bastion/server/proxy_header.h"
#include "bastion/server/refusals.h"
#include "bastion/server/reload.h"
#include "bastion/server/server_id.h"
#include "bastion/server/strangers.h"
#include "bastion/server/worker.h"
#include "bastion/server/workers.h"
#include "bastion/setup/key_files.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"

namespace bastion::server {
namespace {

// A session takes one descriptor; the default limit of 1024 would be the first thing to run out.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  std::ignore = ::setrlimit(RLIMIT_NOFILE, &limit);
}

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

store::Retention retention(const config::Config& config) {
  constexpr std::int64_t kDay = 86'400;
  return {.seconds = config.audit_keep * kDay,
          .seconds_reads = config.audit_keep_reads * kDay,
          .reads = admin::reading_commands()};
}

Worker::Settings worker_settings(const config::Config& config, const ServerId& server) {
  return {
      .timeout = {config.keepalive_interval, config.keepalive_count_max},
      .session = {.keepalive_interval = config.keepalive_interval, .keepalive_count_max = config.keepalive_count_max},
      .hops = {.connection = {.keepalive_interval = config.keepalive_interval,
                              .keepalive_count_max = config.keepalive_count_max},
               .idle_timeout = config.hop_idle_timeout},
      .limits = {.idle = config.idle_timeout, .total = config.max_session},
      .server = server.text(),
      .connect_timeout = config.connect_timeout,
      .drain_timeout = config.drain_timeout,
      .key_exchange = config.key_exchange,
      .host_key_algorithms = config.host_key_algorithms};
}

Strangers::Settings strangers_settings(const config::Config& config, const ServerId& server) {
  auto worker = worker_settings(config, server);
  return {.timeout = worker.timeout,
          .stranger = {.login_grace = config.login_grace, .max_auth_tries = config.max_auth_tries},
          .limits = worker.limits,
          .server = std::move(worker.server),
          .key_exchange = std::move(worker.key_exchange),
          .host_key_algorithms = std::move(worker.host_key_algorithms)};
}

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

// The parts of the running service, in the order in which they stand on each other.
class Service {
 public:
  static Result<std::unique_ptr<Service>> start(const config::Config& config, const config::Source& source);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Until a signal says that it is enough.
  void run() { loop_.run(); }
  // Nobody new, then every login to its end, then what they had to write: `drain_timeout` and two seconds in all.
  // Returns what goes on all the same. It may not be destroyed then: it would wait for that, however long it takes.
  [[nodiscard]] std::vector<std::string> stop();
  [[nodiscard]] const config::Config& config() const { return config_; }

 private:
  Service(const config::Config& config, const config::Source& source, ServerId id, setup::KeyFiles keys,
          Executors executors, std::unique_ptr<store::Writer> writer);
  Result<> start_workers();
  Result<> start_strangers(std::size_t threads);
  Result<> listen();
  void accept(loop::Descriptor connection, const Endpoint& from);
  void turn_away(const Endpoint& from, std::string_view limit);
  void tell_refusals();
  void on_signal(int number);
  void on_reload(const Result<config::Config>& read);
  void apply(const config::Config& read);

  config::Config config_;  // as it counts now
  loop::Loop loop_;
  std::optional<loop::FileLock> lock_;  // given up when nobody new is served
  ServerId id_;
  setup::KeyFiles keys_;
  Executors executors_;
  std::unique_ptr<store::Writer> writer_;
  Housekeeping housekeeping_;
  metrics::Counters counters_;
  ConnectionLimiter limiter_;
  Refusals refusals_;
  loop::Timer refusals_due_{loop_, [this] { tell_refusals(); }};
  Workers all_workers_;
  admin::Site site_;
  admin::SshEndpoint endpoint_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> next_worker_ = 0;
  std::vector<std::unique_ptr<Strangers>> strangers_;
  ProxyHeader proxy_header_;
  Acceptor acceptor_;
  std::vector<std::unique_ptr<loop::Listener>> listeners_;
  std::unique_ptr<admin::LocalEndpoint> local_endpoint_;
  Reload reload_;
  std::map<int, std::chrono::milliseconds> ignored_;  // signals: when that was last said, by the loop's clock
  loop::Signals signals_;
};

Service::Service(const config::Config& config, const config::Source& source, ServerId id, setup::KeyFiles keys,
                 Executors executors, std::unique_ptr<store::Writer> writer)
    : config_(config),
      id_(std::move(id)),
      keys_(std::move(keys)),
      executors_(std::move(executors)),
      writer_(std::move(writer)),
      housekeeping_(loop_, *writer_, retention(config_)),
      limiter_(config.max_startups, config.max_startups_per_source),
      site_{.database = config.database(),
            .identity = keys_.identity.public_key(),
            .runtime = all_workers_,
            .writer = *writer_,
            .changes = executors_.changes(),
            .questions = executors_.questions()},
      endpoint_(site_),
      proxy_header_(config.proxy_protocol),
      acceptor_(loop_, &proxy_header_, {},
                {.on_accepted = [this](loop::Descriptor connection,
                                       const Endpoint& from) { accept(std::move(connection), from); },
                 .on_dropped = [this](const Endpoint& peer) { turn_away(peer, "proxy_protocol"); }}),
      reload_(loop_, executors_.files(), source,
              {.begins = notify_reloading, .ends = [this](const auto& read) { on_reload(read); }}),
      signals_(loop_, [this](int number) { on_signal(number); }) {}

Result<std::unique_ptr<Service>> Service::start(const config::Config& config, const config::Source& source) {
  if (auto there = store::Database::must_be_there(config.database()); !there) return std::unexpected(there.error());
  auto lock = lock_instance(config::StateDir(config.state_dir));
  if (!lock) return std::unexpected(lock.error());
  auto id = ServerId::take(config.state_dir);
  if (!id) return std::unexpected(id.error());
  auto keys = setup::load_key_files(config.state_dir, config.host_key_algorithms);
  if (!keys) return std::unexpected(keys.error());
  auto executors = Executors::start();
  if (!executors) return std::unexpected(executors.error());
  auto writer = store::Writer::open(config.database());
  if (!writer) return std::unexpected(writer.error());
  close_left_open_here(**writer, *id);
  std::unique_ptr<Service> service(
      new Service(config, source, *std::move(id), *std::move(keys), *std::move(executors), *std::move(writer)));
  service->lock_ = *std::move(lock);
  if (auto started = service->start_workers(); !started) return std::unexpected(started.error());
  if (auto listening = service->listen(); !listening) return std::unexpected(listening.error());
  return service;
}

Result<> Service::start_workers() {
  const auto count =
      config_.workers > 0 ? static_cast<unsigned>(config_.workers) : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) {
    auto reader = store::Reader::open(config_.database());
    if (!reader) return std::unexpected(reader.error());
    workers_.push_back(std::make_unique<Worker>(worker_settings(config_, id_), keys_.host_keys, keys_.identity,
                                                *std::move(reader), *writer_, executors_.names(), counters_,
                                                endpoint_));
    if (auto started = workers_.back()->start(); !started) {
      workers_.pop_back();
      return std::unexpected(std::move(started.error()));
    }
    all_workers_.add(*workers_.back());
  }
  return start_strangers(std::max(std::size_t{2}, workers_.size() / 2));
}

Result<> Service::start_strangers(std::size_t threads) {
  const Strangers::Events events{
      .on_admitted =
          [this](session::Admission admission, loop::TcpStream::Released connection) {
            workers_[next_worker_++ % workers_.size()]->take(std::move(admission), std::move(connection));
          },
      .on_settled = [this](const std::string& host) { loop_.post([this, host] { limiter_.settle(host); }); }};
  for (std::size_t i = 0; i < threads; ++i) {
    auto reader = store::Reader::open(config_.database());
    if (!reader) return std::unexpected(reader.error());
    strangers_.push_back(std::make_unique<Strangers>(strangers_settings(config_, id_), keys_.host_keys,
                                                     *std::move(reader), *writer_, counters_, events));
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
  counters_.accepted.bump();
  if (const auto limit = limiter_.refused_by(from.host)) return turn_away(from, *limit);
  // Those of one address share a thread: what it makes us compute, most others do not wait for.
  const auto thread = std::hash<std::string>{}(from.host) % strangers_.size();
  strangers_[thread]->accept(std::move(connection), {.id = new_id(), .from_host = from.host, .from_port = from.port});
}

void Service::turn_away(const Endpoint& from, std::string_view limit) {
  counters_.turned_away.bump();
  if (refusals_.idle()) refusals_due_.start(Refusals::kInterval);
  if (refusals_.note({from.host, limit})) {
    log::info("connection refused from={} port={} reason={}", from.host, from.port, limit);
  }
}

void Service::tell_refusals() {
  for (const auto& [refused, count] : refusals_.next_interval()) {
    log::info("connections refused from={} count={} seconds={} reason={}", refused.host, count,
              Refusals::kInterval.count(), refused.limit);
  }
  if (!refusals_.idle()) refusals_due_.start(Refusals::kInterval);
}

void Service::on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) return loop_.stop();
  if (number == SIGHUP) return reload_.ask();
  const auto said = ignored_.find(number);
  if (said != ignored_.end() && loop_.now() - said->second < kSilence) return;
  ignored_[number] = loop_.now();
  log::info("signal ignored name={}", name_of_signal(number));
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
  limiter_.limit(config_.max_startups, config_.max_startups_per_source);
  proxy_header_.trust(config_.proxy_protocol);
  housekeeping_.keep(retention(config_));
  for (const auto& worker : workers_) worker->apply(worker_settings(config_, id_));
  for (const auto& strangers : strangers_) strangers->apply(strangers_settings(config_, id_));
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
  writer_->close();
  return going_on;
}

// Workers outlive the writer, because what it still answers is addressed to their loops.
Service::~Service() {
  std::ignore = stop();
  writer_.reset();
  log::info("counted {}", metrics::text_of(counters_));
}

}  // namespace

int serve(const config::Config& config, const config::Source& source) {
  disarm_signals();
  std::optional<log::Output> output;
  try {
    output.emplace(config.log_level);
  } catch (const std::system_error& error) {
    log::error("cannot start a thread: {}", error.code().message());
    return 1;
  }
  raise_descriptor_limit();
  auto service = Service::start(config, source);
  if (!service) {
    log::error("{}", service.error().text);
    return 1;
  }
  loop::catch_signals({SIGTERM, SIGINT});
  sd_notify(0, "READY=1");
  (*service)->run();
  log::info("stopping: sessions have {} s to end", (*service)->config().drain_timeout.count());
  sd_notify(0, "STOPPING=1");
  if (const auto going_on = (*service)->stop(); !going_on.empty()) {
    log::warning("stopped without waiting any longer for {}", fmt::join(going_on, ", "));
    output.reset();
    // A thread cannot be taken out of a system call, and uses what would be destroyed below it. The database is as it
    // would be after a kill, which it is made for: what has not been committed has not happened.
    std::_Exit(0);
  }
  service->reset();
  log::info("stopped");
  return 0;
}

}  // namespace bastion::server
