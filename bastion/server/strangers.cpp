#include "bastion/server/strangers.h"

#include <optional>
#include <utility>

#include "bastion/auth/methods.h"
#include "bastion/base/thread.h"
#include "bastion/loop/scheduling.h"

namespace bastion::server {

Strangers::Strangers(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
                     std::unique_ptr<store::Reader> reader, store::Writer& writer, metrics::Counters& counters,
                     Events events)
    : settings_(settings),
      events_(std::move(events)),
      reader_(std::move(reader)),
      lookup_(*reader_, settings.limits),
      journal_(writer, settings.server),
      counter_(counters),
      profile_(host_keys, settings.key_exchange, auth::offered_methods(), settings.host_key_algorithms) {}

Result<> Strangers::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

Strangers::~Strangers() { join(); }

void Strangers::join() {
  if (thread_.joinable()) thread_.join();
}

void Strangers::run() {
  loop::let_others_first();
  std::optional<transport::SignsThrough> signs;
  if (signer_) signs.emplace(*signer_);
  loop_.run();
}

void Strangers::accept(loop::Descriptor connection, session::Arrival arrival) {
  loop_.post([this, connection = std::move(connection), arrival = std::move(arrival)]() mutable {
    begin(std::move(connection), std::move(arrival));
  });
}

void Strangers::begin(loop::Descriptor connection, session::Arrival arrival) {
  const auto place = connections_.emplace(connections_.end());
  auto timeout = settings_.timeout;
  timeout.half_closes = false;  // RFC 4253 knows no half of a connection
  auto stream = std::make_unique<loop::TcpStream>(loop_, std::move(connection), timeout);
  place->stream = stream.get();
  place->stranger = std::make_unique<session::Stranger>(
      session::Stranger::Place{.loop = loop_,
                               .lookup = lookup_,
                               .observers = observers_,
                               .profile = profile_,
                               .settings = settings_.stranger,
                               // In the next turn what was said at the end of this one has been sent.
                               .on_admitted = [this, place](auto&) { loop_.post([this, place] { hand_on(place); }); },
                               .on_over = [this, place](auto&) { over(place); }},
      std::move(arrival), std::move(stream));
  place->stranger->start();
}

void Strangers::hand_on(const Connections::iterator& connection) {
  auto [admission, stream] = connection->stranger->leave();
  auto released = connection->stream->release();
  stream.reset();
  connections_.erase(connection);
  const auto host = admission.arrival.from_host;
  events_.on_admitted(std::move(admission), std::move(released));
  events_.on_settled(host);
  stop_if_empty();
}

void Strangers::over(const Connections::iterator& connection) {
  events_.on_settled(connection->stranger->arrival().from_host);
  loop_.defer_delete(std::move(connection->stranger));
  connections_.erase(connection);
  stop_if_empty();
}

void Strangers::apply(const Settings& settings) {
  loop_.post([this, settings] {
    settings_ = settings;
    lookup_.limit(settings.limits);
  });
}

void Strangers::drain() {
  loop_.post([this] { on_drain(); });
}

void Strangers::on_drain() {
  drains_ = true;
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto here = next++;
    here->stranger->finish({Reason::shutdown, {}, {}});
  }
  stop_if_empty();
}

void Strangers::stop_if_empty() {
  if (drains_ && connections_.empty()) loop_.stop();
}

}  // namespace bastion::server
