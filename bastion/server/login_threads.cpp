#include "bastion/server/login_threads.h"

#include <utility>

#include "bastion/base/log.h"
#include "bastion/config/state_dir.h"
#include "bastion/server/settings.h"
#include "bastion/setup/key_files.h"
#include "store/reader.h"

namespace bastion::server {
namespace {

UserCaps::Time instant_in_milliseconds() { return std::chrono::floor<UserCaps::Time>(loop::Loop::instant()); }

// Where there is no folder nobody can dial in, and the log says so.
void make_link_folder(const config::Config& config) {
  const auto made = setup::make_private_folder(config::StateDir(config.state_dir).link_folder());
  if (!made) log::warning("backends cannot dial in: {}", made.error().text);
}

}  // namespace

Result<> LoginThreads::start(const FrontDesk& desk) {
  make_link_folder(place_.config);
  const auto threads = thread_counts(place_.config);
  for (std::size_t i = 0; i < threads.workers; ++i) {
    if (auto started = start_worker(desk); !started) return started;
  }
  for (std::size_t i = 0; i < threads.strangers; ++i) {
    if (auto started = start_strangers(desk); !started) return started;
  }
  return {};
}

Result<> LoginThreads::start_worker(const FrontDesk& desk) {
  auto reader = store::Reader::open(place_.config.database());
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto& prepared = place_.prepared;
  auto worker = std::make_unique<Worker>(worker_settings(place_.config, prepared.id), prepared.host_keys,
                                         prepared.identity, *std::move(reader), place_.writer, place_.executors.names(),
                                         place_.counters, place_.caps, place_.admin_endpoint);
  worker->sign_through(prepared.signer->take_channel());
  worker->shows_window_through(place_.window);
  worker->tells_of_refusals(place_.refusals);
  worker->wakes_through(place_.wakers, prepared.hooks.get());
  worker->looks_out_through(place_.lookout);
  worker->counts_links_in(links_);
  worker->knows_keys_through(desk.external_keys());
  worker->records_through(&place_.recorder);
  if (auto started = worker->start(); !started) return started;
  place_.wakers.add(*worker);
  place_.all_workers.add(*worker);
  workers_.push_back(std::move(worker));
  return {};
}

Result<> LoginThreads::start_strangers(const FrontDesk& desk) {
  auto reader = store::Reader::open(place_.config.database());
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto& prepared = place_.prepared;
  auto strangers = std::make_unique<Strangers>(strangers_settings(place_.config, prepared.id), prepared.host_keys,
                                               *std::move(reader), place_.writer, desk.answers(), place_.counters,
                                               events_of_strangers());
  strangers->sign_through(prepared.signer->take_channel());
  strangers->tells_of_refusals(place_.refusals);
  if (auto started = strangers->start(); !started) return started;
  strangers_.push_back(std::move(strangers));
  return {};
}

Strangers::Events LoginThreads::events_of_strangers() {
  return {.on_admitted =
              [this](session::Admission admission, loop::TcpStream::Released connection) {
                hand_on(std::move(admission), std::move(connection));
              },
          .on_settled = [this](const Strangers::Settled& one) { settled(one); },
          .on_progress =
              [this](const std::string& id, Progress progress) {
                place_.loop.post([this, id, progress] { place_.entrance.progressed(id, progress); });
              },
          .may_sign_with_rsa =
              [this](const session::Arrival& arrival) {
                return place_.rsa_signatures.take(arrival.from_host, instant_in_milliseconds());
              }};
}

void LoginThreads::hand_on(session::Admission admission, loop::TcpStream::Released connection) {
  if (admission.identity.dials_in) {
    ++links_;
    return next_worker().take(std::move(admission), std::move(connection));
  }
  auto over = place_.caps.begin(admission.identity.user, admission.identity.caps, admission.arrival.id,
                                instant_in_milliseconds(), admission.identity.name);
  if (!admission.refused) admission.refused = std::move(over);
  next_worker().take(std::move(admission), std::move(connection));
}

void LoginThreads::settled(const Strangers::Settled& settled) {
  if (settled.admitted && settled.signed_with_rsa) place_.rsa_signatures.give_back(settled.arrival.from_host);
  place_.loop.post([this, settled] { place_.entrance.settled(settled); });
}

void LoginThreads::take(loop::Descriptor connection, session::Arrival arrival, const Entrance::Pass& pass) {
  if (pass.makes_room) thread_of(pass.makes_room->host).let_go(pass.makes_room->id);
  auto& thread = thread_of(arrival.from_host);
  thread.accept(std::move(connection), std::move(arrival), pass.treatment);
}

void LoginThreads::apply() {
  for (const auto& worker : workers_) worker->apply(worker_settings(place_.config, place_.prepared.id));
  for (const auto& strangers : strangers_) strangers->apply(strangers_settings(place_.config, place_.prepared.id));
}

void LoginThreads::retire(std::chrono::seconds limit) {
  for (const auto& worker : workers_) worker->retire(limit);
}

void LoginThreads::turn_strangers_away() {
  for (const auto& strangers : strangers_) strangers->drain();
  for (const auto& strangers : strangers_) strangers->join();
}

void LoginThreads::drain(std::chrono::milliseconds spent) {
  for (const auto& worker : workers_) worker->drain(spent);
  for (const auto& worker : workers_) worker->join();
}

}  // namespace bastion::server
