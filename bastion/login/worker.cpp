#include "bastion/login/worker.h"

#include <algorithm>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/login/id.h"
#include "bastion/loop/tcp_wire.h"
#include "store/reader.h"

namespace bastion::login {

Worker::Worker(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
               const transport::KeyPair& identity, std::unique_ptr<store::Reader> reader, store::Writer& writer,
               std::function<void(const std::string&)> on_settled)
    : settings_(settings),
      on_settled_(std::move(on_settled)),
      records_(loop_, std::move(reader), writer, settings.limits),
      profile_(host_keys, settings.key_exchange),
      credentials_{loop_, records_, identity, settings.key_exchange, settings.connect_timeout, settings.patience},
      thread_([this] { run(); }) {}

Worker::~Worker() { join(); }

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

// Everything that lives on the loop is made and destroyed by its own thread.
void Worker::run() {
  hops_.emplace(credentials_, settings_.hops);
  overseer_.emplace(
      Overseer::Place{.loop = loop_, .change = [this] { return records_.last_change(); }, .clock = unix_now});
  loop_.run();
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
  const Login::Place place{
      .credentials = credentials_,
      .records = records_,
      .hops = *hops_,
      .overseer = *overseer_,
      .profile = profile_,
      .settings = settings_.login,
      .on_authenticated = [this](Login& login) { settled(login); },
      .on_over = [this](Login& login) { over(login); },
  };
  auto& login = logins_.emplace_back(
      std::make_unique<Login>(place, Arrival{.id = new_id(), .from_host = from.host, .from_port = from.port},
                              std::make_unique<loop::TcpWire>(loop_, std::move(connection), settings_.patience)));
  log::debug("login begins id={} from={}", login->arrival().id, from.text());
  login->start();
}

void Worker::settled(const Login& login) { on_settled_(login.arrival().from_host); }

void Worker::over(Login& login) {
  if (!login.authenticated()) settled(login);
  const auto found = std::ranges::find(logins_, &login, &std::unique_ptr<Login>::get);
  loop_.bury(std::move(*found));
  logins_.erase(found);
  stop_if_empty();
}

void Worker::drain() {
  loop_.post([this] { on_drain(); });
}

void Worker::on_drain() {
  drain_deadline_.emplace(loop_, [this] { finish_where([](const Login&) { return true; }); });
  drain_deadline_->start(settings_.drain_timeout);
  finish_where([](const Login& login) { return !login.authenticated(); });
  stop_if_empty();
}

void Worker::finish_where(const std::function<bool(const Login&)>& concerned) {
  std::vector<Login*> ending;
  for (const auto& login : logins_) {
    if (concerned(*login)) ending.push_back(login.get());
  }
  for (auto* login : ending) login->finish({Reason::shutdown, {}, {}});
}

void Worker::stop_if_empty() {
  if (drain_deadline_ && logins_.empty()) loop_.stop();
}

}  // namespace bastion::login
