#include "bastion/server/strangers.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "bastion/auth/methods.h"
#include "bastion/base/thread.h"
#include "bastion/loop/scheduling.h"

namespace bastion::server {
namespace {

// Who has a penalty and is let in for the good logins of others there tries no faster than this.
constexpr std::chrono::milliseconds kDenialsOfSuspects{1000};

}  // namespace

Strangers::Strangers(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
                     std::unique_ptr<store::Reader> reader, store::Writer& writer, const Answers& answers,
                     metrics::Counters& counters, Events events)
    : settings_(settings),
      events_(std::move(events)),
      reader_(std::move(reader)),
      lookup_(*reader_, settings.defaults),
      answers_(answers),
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
  ::pthread_setname_np(::pthread_self(), "strangers");
  loop::let_others_first();
  std::optional<transport::SignsThrough> signs;
  if (signer_) signs.emplace(*signer_);
  loop_.run();
}

void Strangers::accept(loop::Descriptor connection, session::Arrival arrival, Treatment treatment) {
  loop_.post([this, connection = std::move(connection), arrival = std::move(arrival), treatment]() mutable {
    begin(std::move(connection), std::move(arrival), treatment);
  });
}

void Strangers::let_go(std::string id) {
  loop_.post([this, id = std::move(id)] {
    const auto found = std::ranges::find_if(
        connections_, [&](const Connection& connection) { return connection.stranger->arrival().id == id; });
    if (found != connections_.end()) found->stranger->finish({Reason::made_room, {}, {}});
  });
}

void Strangers::begin(loop::Descriptor connection, session::Arrival arrival, Treatment treatment) {
  const auto place = connections_.emplace(connections_.end());
  auto timeout = settings_.timeout;
  timeout.half_closes = false;  // RFC 4253 knows no half of a connection
  auto stream = std::make_unique<loop::TcpStream>(loop_, std::move(connection), timeout);
  place->stream = stream.get();
  auto how = settings_.stranger;
  if (treatment == Treatment::suspect) how.denials_wait = kDenialsOfSuspects;
  place->stranger = std::make_unique<session::Stranger>(
      session::Stranger::Place{
          .loop = loop_,
          .lookup = lookup_,
          .observers = observers_,
          .profile = profile_,
          .codes = answers_.codes,
          .passwords = answers_.passwords,
          .invitations = answers_.invitations,
          .external_keys = answers_.external_keys,
          .settings = how,
          .on_version_line = [this](auto& stranger) { tell(stranger, Progress::talking); },
          .on_denied = [this](auto& stranger) { tell(stranger, Progress::denied); },
          .may_sign_with_rsa = [this](auto& stranger) { return events_.may_sign_with_rsa(stranger.arrival()); },
          // In the next turn what was said at the end of this one has been sent.
          .on_admitted = [this, place](auto&) { loop_.post([this, place] { hand_on(place); }); },
          .on_over = [this, place](auto&) { over(place); },
          .sign_ons = answers_.sign_ons,
          .new_accounts = answers_.new_accounts},
      std::move(arrival), std::move(stream));
  place->stranger->start();
}

void Strangers::tell(const session::Stranger& stranger, Progress progress) {
  events_.on_progress(stranger.arrival().id, progress);
}

void Strangers::hand_on(const Connections::iterator& connection) {
  const bool signed_with_rsa = connection->stranger->signed_with_rsa();
  auto [admission, stream] = connection->stranger->leave();
  auto released = connection->stream->release();
  stream.reset();
  connections_.erase(connection);
  const Settled settled{.arrival = admission.arrival, .admitted = true, .signed_with_rsa = signed_with_rsa};
  events_.on_admitted(std::move(admission), std::move(released));
  events_.on_settled(settled);
  stop_if_empty();
}

void Strangers::over(const Connections::iterator& connection) {
  const auto& stranger = *connection->stranger;
  events_.on_settled(
      {.arrival = stranger.arrival(), .admitted = false, .reason = stranger.ended(), .offence = stranger.offence()});
  loop_.defer_delete(std::move(connection->stranger));
  connections_.erase(connection);
  stop_if_empty();
}

void Strangers::apply(const Settings& settings) {
  loop_.post([this, settings] {
    settings_ = settings;
    lookup_.set(settings.defaults);
  });
}

void Strangers::weigh(std::function<void(const metrics::Load&)> take) {
  loop_.post([this, take = std::move(take)] { take({.strangers = connections_.size()}); });
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
