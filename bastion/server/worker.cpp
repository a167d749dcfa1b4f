#include "bastion/server/worker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "bastion/access/route.h"
#include "bastion/auth/methods.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "bastion/follow/following.h"
#include "bastion/loop/metered_stream.h"
#include "bastion/loop/scheduling.h"
#include "bastion/probe/carry_out.h"
#include "bastion/probe/explain.h"
#include "bastion/probe/instances.h"
#include "bastion/session/link.h"
#include "bastion/session/session.h"

namespace bastion::server {
namespace {

// Beyond the limit: who was a stranger when it came is a session a little later.
constexpr std::chrono::seconds kOneMoreLook{1};

std::optional<std::int64_t> last_link(store::Reader& reader, std::int64_t backend) {
  auto last = reader.links().last(backend);
  if (!last) log::error("the store cannot be read: {} (links)", last.error().text);
  return std::move(last).value_or(std::nullopt);
}

}  // namespace

Worker::Worker(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
               const transport::OwnIdentity& identity, std::unique_ptr<store::Reader> reader, store::Writer& writer,
               loop::Executor& names, metrics::Counters& counters, UserCaps& caps,
               session::AdminEndpoint& admin_endpoint)
    : settings_(settings),
      admin_endpoint_(admin_endpoint),
      caps_(caps),
      writer_(writer),
      reader_(std::move(reader)),
      lookup_(*reader_, settings.defaults),
      known_hosts_(loop_, reader_->host_keys(), reader_->host_cas(), writer),
      journal_(writer, settings.server),
      counter_(counters),
      observers_{&journal_, &log_, &counter_, &caps},
      profile_(host_keys, settings.key_exchange, auth::offered_methods(), settings.host_key_algorithms),
      credentials_{loop_,
                   names,
                   known_hosts_,
                   identity,
                   settings.key_exchange,
                   settings.connect_timeout,
                   settings.timeout,
                   &counters,
                   {.folder = settings.links,
                    .last = [this](std::int64_t backend) { return last_link(*reader_, backend); },
                    .since = unix_now()}} {}

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
  ::pthread_setname_np(::pthread_self(), "worker");
  loop::prefer_short_slices();
  std::optional<transport::SignsThrough> signs;
  if (signer_) signs.emplace(*signer_);
  hops_.emplace(credentials_, settings_.hops);
  station_.emplace(wake::Station::Place{.credentials = credentials_,
                                        .hops = *hops_,
                                        .writer = writer_,
                                        .hooks = hook_runner_,
                                        .limit = settings_.wake_limit,
                                        .find_again = [this](wake::Wanted& wanted) { return find_again(wanted); }});
  reauthorizer_.emplace(session::Reauthorizer::Place{
      .loop = loop_, .change = [this] { return lookup_.last_change(); }, .clock = unix_now});
  loop_.run();
  explanations_.clear();
  listings_.clear();
  orders_.clear();
  health_checks_.clear();
  drain_deadline_.reset();
  farewell_due_.reset();
  reauthorizer_.reset();
  station_.reset();
  hops_.reset();
}

void Worker::take(session::Admission admission, loop::TcpStream::Released connection) {
  loop_.post([this, admission = std::move(admission), connection = std::move(connection)]() mutable {
    begin(std::move(admission), std::move(connection));
  });
}

void Worker::begin(session::Admission admission, loop::TcpStream::Released connection) {
  auto timeout = settings_.timeout;
  timeout.half_closes = false;  // RFC 4253 knows no half of a connection
  std::unique_ptr<ByteStream> stream =
      std::make_unique<loop::TcpStream>(loop_, std::move(connection.connection), timeout);
  stream->write(connection.unsent);
  if (admission.identity.dials_in) return begin_link(std::move(admission), std::move(stream));
  const session::Session::Place place{
      .credentials = credentials_,
      .lookup = lookup_,
      .observers = observers_,
      .hops = *hops_,
      .reauthorizer = *reauthorizer_,
      .detours = detours_,
      .profile = profile_,
      .settings = settings_.session,
      .admin_endpoint = admin_endpoint_,
      .window = window_,
      .wakes = reader_->wakes(),
      .alarm = alarm_,
      .sources = reader_->sources(),
      .sightings = reader_->sightings(),
      .lookout = lookout_,
      .external_keys = external_keys_,
      .recorder = recorder_,
      .on_over = [this](session::Session& session) { over(session); },
  };
  const auto user = admission.identity.user;
  if (auto allowance = caps_.allowance(user)) {
    stream = std::make_unique<loop::MeteredStream>(loop_, std::move(stream), std::move(allowance));
  }
  admission.user->ask_before_rekeying(
      [this, user] { return caps_.rekey(user, std::chrono::floor<UserCaps::Time>(loop::Loop::instant())); });
  auto& session =
      sessions_.emplace_back(std::make_unique<session::Session>(place, std::move(admission), std::move(stream)));
  session->start();
}

void Worker::begin_link(session::Admission admission, std::unique_ptr<ByteStream> stream) {
  const session::Link::Place place{.loop = loop_,
                                   .lookup = lookup_,
                                   .reauthorizer = *reauthorizer_,
                                   .profile = profile_,
                                   .settings = settings_.session,
                                   .writer = writer_,
                                   .server = settings_.server,
                                   .folder = settings_.links,
                                   .on_over = [this](session::Link& link) { over(link); }};
  auto& link = links_.emplace_back(std::make_unique<session::Link>(place, std::move(admission), std::move(stream)));
  link->start();
  if (farewell_ || drain_deadline_) retire_links();
}

void Worker::apply(const Settings& settings) {
  loop_.post([this, settings] { on_settings(settings); });
}

void Worker::on_settings(const Settings& settings) {
  const bool defaults_changed = settings.defaults != settings_.defaults;
  settings_ = settings;
  credentials_.within = settings.connect_timeout;
  credentials_.timeout = settings.timeout;
  hops_->apply(settings.hops);
  if (farewell_ || drain_deadline_) retire_links();
  station_->limit(settings.wake_limit);
  lookup_.set(settings.defaults);
  if (defaults_changed) reauthorizer_->look_again();
}

void Worker::over(session::Session& session) {
  const auto found = std::ranges::find(sessions_, &session, &std::unique_ptr<session::Session>::get);
  loop_.defer_delete(std::move(*found));
  sessions_.erase(found);
  stop_if_empty();
}

void Worker::over(session::Link& link) {
  const auto found = std::ranges::find(links_, &link, &std::unique_ptr<session::Link>::get);
  loop_.defer_delete(std::move(*found));
  links_.erase(found);
  if (links_there_ != nullptr) --*links_there_;
  stop_if_empty();
}

void Worker::retire_links() {
  auto hops = settings_.hops;
  hops.idle_timeout = std::chrono::seconds::zero();
  hops_->apply(hops);
  for (auto next = links_.begin(); next != links_.end();) (*next++)->retire();
}

void Worker::finish_links(const End& end) {
  for (auto next = links_.begin(); next != links_.end();) (*next++)->finish(end);
}

std::vector<session::LiveSession> Worker::live_sessions() const {
  std::vector<session::LiveSession> sessions;
  for (const auto& session : sessions_) {
    if (auto live = session->live()) sessions.push_back(*std::move(live));
  }
  return sessions;
}

void Worker::report(std::function<void(std::vector<session::LiveSession>)> take) {
  loop_.post([this, take = std::move(take)] { take(live_sessions()); });
}

void Worker::snapshot(std::function<void(Snapshot)> take) {
  loop_.post([this, take = std::move(take)] {
    take({.sessions = live_sessions(), .backends = hops_->views(), .load = load()});
  });
}

void Worker::weigh(std::function<void(const metrics::Load&)> take) {
  loop_.post([this, take = std::move(take)] { take(load()); });
}

// Of sessions that have ended the counter knows what they have carried.
metrics::Load Worker::load() const {
  const auto& before = counter_.carried();
  const auto up =
      static_cast<std::size_t>(std::ranges::count_if(links_, [](const auto& link) { return link->is_up(); }));
  metrics::Load load{.hops = hops_->size(),
                     .links = up,
                     .bytes_from_users = before.from_user,
                     .bytes_from_containers = before.from_container};
  for (const auto& session : sessions_) {
    const auto carries = session->carries();
    if (!carries) continue;
    ++load.sessions;
    load.channels += carries->channels;
    load.tunnels += carries->tunnels;
    load.bytes_from_users += carries->traffic.from_user;
    load.bytes_from_containers += carries->traffic.from_container;
  }
  return load;
}

void Worker::explain(probe::Explanation::Question question, std::function<void(probe::Explanation)> take) {
  loop_.post([this, question = std::move(question), take = std::move(take)] {
    find(explanations_,
         probe::explain(question, *reader_, settings_.defaults, credentials_, *hops_, alarm_, lookout_, external_keys_),
         take);
  });
}

void Worker::list_instances(probe::InstancesWanted wanted, std::function<void(Result<std::string>)> take) {
  loop_.post([this, wanted = std::move(wanted), take = std::move(take)] {
    find(listings_, probe::list_instances(credentials_, *hops_, reader_->backends(), wanted), take);
  });
}

void Worker::carry_out(probe::Order order, std::function<void(Result<probe::Ordered>)> take) {
  loop_.post([this, order = std::move(order), take = std::move(take)] {
    find(orders_, probe::carry_out(credentials_, *hops_, reader_->backends(), order), take);
  });
}

template <typename Found>
void Worker::find(std::list<std::unique_ptr<Task<Found>>>& tasks, Task<Found> task, std::function<void(Found)> take) {
  const auto place = tasks.emplace(tasks.end(), std::make_unique<Task<Found>>(std::move(task)));
  (*place)->start([this, &tasks, place, take = std::move(take)] {
    take((*place)->take());
    loop_.defer_delete(std::move(*place));
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
                         .last_success = hops_->last_success(way->empty() ? one.id : way->back().backend)});
  }
  return prospects;
}

void Worker::look(std::optional<std::string> backend, std::function<void(std::vector<upstream::Prospect>)> take) {
  loop_.post([this, backend = std::move(backend), take = std::move(take)] { take(prospects(backend)); });
}

void Worker::check_health(std::vector<access::Hop> way, std::function<void(upstream::Reachability)> take) {
  loop_.post([this, way = std::move(way), take = std::move(take)]() mutable {
    const auto place = health_checks_.emplace(health_checks_.end());
    *place = std::make_unique<probe::HealthCheck>(loop_, *hops_, std::move(way),
                                                  [this, place, take](upstream::Reachability found) {
                                                    take(std::move(found));
                                                    loop_.defer_delete(std::move(*place));
                                                    health_checks_.erase(place);
                                                  });
    (*place)->start();
  });
}

void Worker::wake(wake::Wanted wanted, wake::Station::OnOver take) {
  loop_.post([this, wanted = std::move(wanted), take = std::move(take)]() mutable {
    station_->ask(std::move(wanted), std::move(take));
  });
}

// One that is started may get another address than it had.
Task<> Worker::find_again(wake::Wanted& wanted) {
  if (wanted.kind != wake::Wanted::Kind::container || !wanted.command.empty() || wanted.way.empty()) co_return;
  const follow::Following following{loop_, reader_->sources(), reader_->sightings(), lookout_};
  const bool is_asked = co_await following.ask(wanted.id, wanted.way.back());
  if (!is_asked) co_return;
  const auto now = reader_->containers().with_id(wanted.id);
  if (!now || !*now || (*now)->is_by_command()) co_return;
  auto way = access::find_way(reader_->backends(), (*now)->backend);
  if (!way || way->empty()) co_return;
  wanted.way = *std::move(way);
  wanted.at = {(*now)->address, (*now)->port};
}

void Worker::end(std::vector<std::string> sessions, End end) {
  loop_.post([this, sessions = std::move(sessions), end = std::move(end)] {
    finish_where(
        [&](const session::Session& session) {
          return std::ranges::find(sessions, session.arrival().id) != sessions.end();
        },
        end);
  });
}

void Worker::vacate(access::ContainerPlace place, End end) {
  loop_.post([this, place = std::move(place), end = std::move(end)] {
    finish_where([&](const session::Session& session) { return session.leads_to(place); }, end);
  });
}

void Worker::retire(std::chrono::seconds limit) {
  loop_.post([this, limit] { on_retire(limit); });
}

void Worker::on_retire(std::chrono::seconds limit) {
  if (farewell_) {
    farewell_->limit(limit);
  } else {
    farewell_.emplace(limit, loop_.now());
    farewell_due_.emplace(loop_, [this] { look_at_the_time(); });
  }
  retire_links();
  look_at_the_time();
}

void Worker::look_at_the_time() {
  const auto look = farewell_->look(loop_.now());
  if (!look.warning.empty()) {
    // One that is lost by it leaves the list, and is there until the turn ends.
    for (auto* const session : where([](const session::Session&) { return true; })) session->warn(look.warning);
  }
  if (look.end) {
    finish_where([](const session::Session&) { return true; }, *look.end);
    finish_links(*look.end);
    return farewell_due_->start(kOneMoreLook);
  }
  farewell_due_->start(look.again);
}

void Worker::drain(std::chrono::milliseconds spent) {
  loop_.post([this, spent] { on_drain(spent); });
}

void Worker::on_drain(std::chrono::milliseconds spent) {
  drain_deadline_.emplace(loop_, [this] {
    finish_where([](const session::Session&) { return true; }, {Reason::shutdown, {}, {}});
    finish_links({Reason::shutdown, {}, {}});
  });
  drain_deadline_->start(std::max(settings_.drain_timeout - spent, std::chrono::milliseconds::zero()));
  retire_links();  // sessions elsewhere may go through them still
  stop_if_empty();
}

std::vector<session::Session*> Worker::where(const std::function<bool(const session::Session&)>& concerned) const {
  std::vector<session::Session*> found;
  for (const auto& session : sessions_) {
    if (concerned(*session)) found.push_back(session.get());
  }
  return found;
}

void Worker::finish_where(const std::function<bool(const session::Session&)>& concerned, const End& end) {
  for (auto* const session : where(concerned)) session->finish(end);
}

void Worker::stop_if_empty() {
  if (drain_deadline_ && sessions_.empty() && links_.empty()) loop_.stop();
}

}  // namespace bastion::server
