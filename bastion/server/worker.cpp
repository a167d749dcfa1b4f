#include "bastion/server/worker.h"

#include <algorithm>
#include <utility>

#include "bastion/access/route.h"
#include "bastion/auth/methods.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "bastion/loop/tcp_wire.h"
#include "bastion/probe/instances.h"
#include "bastion/probe/rehearse.h"
#include "bastion/server/id.h"

namespace bastion::server {

Worker::Worker(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
               const transport::KeyPair& identity, std::unique_ptr<store::Reader> reader, store::Writer& writer,
               loop::Executor& names, metrics::Counters& counters, session::AdminDoor& admin_door,
               std::function<void(const std::string&)> on_settled)
    : settings_(settings),
      on_settled_(std::move(on_settled)),
      admin_door_(admin_door),
      reader_(std::move(reader)),
      lookup_(*reader_, settings.limits),
      known_hosts_(loop_, reader_->host_keys(), writer),
      journal_(writer, settings.server),
      counter_(counters),
      profile_(host_keys, settings.key_exchange, auth::offered_methods()),
      credentials_{
          loop_, names, known_hosts_, identity, settings.key_exchange, settings.connect_timeout, settings.patience} {}

Result<> Worker::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

Worker::~Worker() { join(); }

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

// Everything that lives on the loop is made and destroyed by its own thread.
void Worker::run() {
  hops_.emplace(credentials_, settings_.hops);
  overseer_.emplace(
      session::Overseer::Place{.loop = loop_, .change = [this] { return lookup_.last_change(); }, .clock = unix_now});
  loop_.run();
  rehearsals_.clear();
  listings_.clear();
  soundings_.clear();
  drain_deadline_.reset();
  overseer_.reset();
  hops_.reset();
}

void Worker::accept(loop::Descriptor connection, Endpoint from) {
  loop_.post([this, connection = std::move(connection), from = std::move(from)]() mutable {
    begin(std::move(connection), from);
  });
}

void Worker::begin(loop::Descriptor connection, const Endpoint& from) {
  const session::Login::Place place{
      .credentials = credentials_,
      .lookup = lookup_,
      .observers = observers_,
      .hops = *hops_,
      .overseer = *overseer_,
      .profile = profile_,
      .settings = settings_.login,
      .admin_door = admin_door_,
      .on_authenticated = [this](session::Login& login) { settled(login); },
      .on_over = [this](session::Login& login) { over(login); },
  };
  auto patience = settings_.patience;
  patience.half_closes = false;  // RFC 4253 knows no half of a connection
  auto& login = logins_.emplace_back(std::make_unique<session::Login>(
      place, session::Arrival{.id = new_id(), .from_host = from.host, .from_port = from.port},
      std::make_unique<loop::TcpWire>(loop_, std::move(connection), patience)));
  login->start();
}

void Worker::apply(const Settings& settings) {
  loop_.post([this, settings] { on_settings(settings); });
}

void Worker::on_settings(const Settings& settings) {
  const bool limits_changed = settings.limits != settings_.limits;
  settings_ = settings;
  credentials_.within = settings.connect_timeout;
  credentials_.patience = settings.patience;
  hops_->apply(settings.hops);
  lookup_.limit(settings.limits);
  if (limits_changed) overseer_->look_again();
}

void Worker::settled(const session::Login& login) { on_settled_(login.arrival().from_host); }

void Worker::over(session::Login& login) {
  if (!login.authenticated()) settled(login);
  const auto found = std::ranges::find(logins_, &login, &std::unique_ptr<session::Login>::get);
  loop_.bury(std::move(*found));
  logins_.erase(found);
  stop_if_empty();
}

void Worker::report(std::function<void(std::vector<session::LiveSession>)> take) {
  loop_.post([this, take = std::move(take)] {
    std::vector<session::LiveSession> sessions;
    for (const auto& login : logins_) {
      if (auto session = login->live()) sessions.push_back(*std::move(session));
    }
    take(std::move(sessions));
  });
}

void Worker::rehearse(probe::Rehearsal::Question question, std::function<void(probe::Rehearsal)> take) {
  loop_.post([this, question = std::move(question), take = std::move(take)] {
    find(rehearsals_, probe::rehearse(question, *reader_, credentials_, *hops_), take);
  });
}

void Worker::list_instances(std::string backend, std::function<void(Result<std::string>)> take) {
  loop_.post([this, backend = std::move(backend), take = std::move(take)] {
    find(listings_, probe::list_instances(credentials_, *hops_, reader_->backends(), backend), take);
  });
}

template <typename Found>
void Worker::find(std::list<std::unique_ptr<Task<Found>>>& tasks, Task<Found> task, std::function<void(Found)> take) {
  const auto place = tasks.emplace(tasks.end(), std::make_unique<Task<Found>>(std::move(task)));
  (*place)->start([this, &tasks, place, take = std::move(take)] {
    take((*place)->take());
    loop_.bury(std::move(*place));
    tasks.erase(place);
  });
}

std::vector<upstream::Prospect> Worker::prospects(const std::optional<std::string>& backend) {
  std::vector<upstream::Prospect> prospects;
  const auto all = reader_->backends().all();
  if (!all) log::error("the store cannot be read: {} (backends)", all.error().text);
  if (!all) return prospects;
  for (const auto& one : *all) {
    if (backend && one.name != *backend) continue;
    const auto way = access::find_way(reader_->backends(), one.id);
    if (!way) log::error("the store cannot be read: {} (backends)", way.error().text);
    if (!way) continue;
    prospects.push_back({.backend = one.id,
                         .way = *way,
                         .has_hop = hops_->has(*way),
                         .last_success = way->empty() ? std::nullopt : hops_->last_success(way->back().backend)});
  }
  return prospects;
}

void Worker::look(std::optional<std::string> backend, std::function<void(std::vector<upstream::Prospect>)> take) {
  loop_.post([this, backend = std::move(backend), take = std::move(take)] { take(prospects(backend)); });
}

void Worker::sound(std::vector<access::Hop> way, std::function<void(upstream::Reachability)> take) {
  loop_.post([this, way = std::move(way), take = std::move(take)]() mutable {
    const auto place = soundings_.emplace(soundings_.end());
    *place = std::make_unique<probe::Sounding>(loop_, *hops_, std::move(way),
                                               [this, place, take](upstream::Reachability found) {
                                                 take(std::move(found));
                                                 loop_.bury(std::move(*place));
                                                 soundings_.erase(place);
                                               });
    (*place)->start();
  });
}

void Worker::end(std::vector<std::string> sessions, End end) {
  loop_.post([this, sessions = std::move(sessions), end = std::move(end)] {
    finish_where(
        [&](const session::Login& login) { return std::ranges::find(sessions, login.arrival().id) != sessions.end(); },
        end);
  });
}

void Worker::vacate(access::ContainerPlace place, End end) {
  loop_.post([this, place = std::move(place), end = std::move(end)] {
    finish_where([&](const session::Login& login) { return login.leads_to(place); }, end);
  });
}

void Worker::drain() {
  loop_.post([this] { on_drain(); });
}

void Worker::on_drain() {
  drain_deadline_.emplace(
      loop_, [this] { finish_where([](const session::Login&) { return true; }, {Reason::shutdown, {}, {}}); });
  drain_deadline_->start(settings_.drain_timeout);
  finish_where([](const session::Login& login) { return !login.authenticated(); }, {Reason::shutdown, {}, {}});
  stop_if_empty();
}

void Worker::finish_where(const std::function<bool(const session::Login&)>& concerned, const End& end) {
  std::vector<session::Login*> ending;
  for (const auto& login : logins_) {
    if (concerned(*login)) ending.push_back(login.get());
  }
  for (auto* login : ending) login->finish(end);
}

void Worker::stop_if_empty() {
  if (drain_deadline_ && logins_.empty()) loop_.stop();
}

}  // namespace bastion::server
