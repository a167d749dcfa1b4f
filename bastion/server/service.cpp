#include "bastion/server/service.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/config/settings.h"
#include "bastion/fleet/directory.h"
#include "bastion/server/crash_recovery.h"
#include "bastion/server/id.h"
#include "bastion/server/settings.h"
#include "bastion/server/watching.h"
#include "store/bans.h"
#include "store/database.h"
#include "store/sessions.h"

namespace bastion::server {
namespace {

Result<std::unique_ptr<store::Writer>> open_writer(const config::Config& config) {
  auto common = fleet::open(fleet::directory_of(config), store::Database::Access::change);
  if (!common) return std::unexpected(std::move(common.error()));
  if (!common->is_replicated()) return store::Writer::open(config.database());
  return store::Writer::open(config.database(), *std::move(common));
}

// For changes by administrators that were begun before the last session ended. The writer's last records have a second
// too, and nobody is to wait for more than two.
constexpr std::chrono::milliseconds kLastChanges{500};

// Which it has in a fleet, or that of its machine.
std::string name_of_bastion(const fleet::Directory& directory) {
  if (const auto place = fleet::place_of(directory)) return place->node;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "bastion";
  return printable(name.data());
}

void tell_beat(const std::string& still, const metrics::Load& load) {
  if (!still.empty()) return SupervisorChannel::tell(Report::stands_still, still);
  SupervisorChannel::tell(Report::turns, format_carried({.sessions = static_cast<std::uint32_t>(load.sessions),
                                                         .strangers = static_cast<std::uint32_t>(load.strangers)}));
}

}  // namespace

Service::Service(const config::Config& config, const config::Source& source, Preparation preparation,
                 Executors executors, std::unique_ptr<store::Writer> writer, bool follows)
    : config_(config),
      process_id_(new_id()),
      follows_(follows),
      prepared_(std::move(preparation)),
      executors_(std::move(executors)),
      writer_(std::move(writer)),
      housekeeping_(loop_, *writer_, retention(config_)),
      recorder_(config::StateDir(config_.state_dir).recording_folder(), counters_),
      caps_(caps_per_user(config_)),
      rsa_signatures_(config_),
      entrance_(loop_, *writer_, counters_, config_),
      ban_reader_(loop_, executors_.questions(), config_.database(),
                  [this](const auto& bans) { entrance_.set_bans(bans); }),
      all_workers_(
          [this](const std::optional<Network>& lifted) { loop_.post([this, lifted] { on_bans_changed(lifted); }); }),
      source_follower_({.loop = loop_,
                        .workers = all_workers_,
                        .changes = executors_.changes(),
                        .directory = fleet::directory_of(config),
                        .counters = counters_}),
      everywhere_(all_workers_, executors_.questions(), connects_to_peers(prepared_.peers.get())),
      fleet_(everywhere_, executors_.questions(), config.database(), fleet::place_of(fleet::directory_of(config))),
      figures_(monitor_, everywhere_),
      site_{.directory = fleet::directory_of(config),
            .identity = transport::public_halves(prepared_.identity),
            .sealing_key = prepared_.sealing_key,
            .run_ssh = [this](const SshQuestion& question) { return prepared_.launcher->run(question); },
            .runtime = fleet_,
            .place_by =
                config.placement == config::Placement::memory ? admin::PlaceBy::memory : admin::PlaceBy::containers,
            .key_command = config.authorized_keys_command,
            .recordings = config::StateDir(config.state_dir).recording_folder(),
            .writer = *writer_,
            .changes = executors_.changes(),
            .questions = executors_.questions(),
            .errands = executors_.errands(),
            .own = executors_.own(),
            .me = config.me},
      endpoint_(site_),
      window_(site_),
      logins_({.loop = loop_,
               .config = config_,
               .prepared = prepared_,
               .executors = executors_,
               .writer = *writer_,
               .counters = counters_,
               .refusals = refusals_,
               .recorder = recorder_,
               .caps = caps_,
               .rsa_signatures = rsa_signatures_,
               .entrance = entrance_,
               .all_workers = all_workers_,
               .wakers = wakers_,
               .lookout = source_follower_,
               .admin_endpoint = endpoint_,
               .window = window_}),
      intake_(loop_, entrance_, config_,
              [this](loop::Descriptor connection, session::Arrival arrival, const Entrance::Pass& pass) {
                logins_.take(std::move(connection), std::move(arrival), pass);
              }),
      local_endpoints_({.loop = loop_, .site = site_, .here = all_workers_, .figures = figures_}),
      reload_(loop_, executors_.files(), source,
              {.begins = [] {}, .ends = [this](const auto& read) { on_reload(read); }}),
      sessions_elsewhere_(loop_, everywhere_, caps_),
      shutdown_({.loop = loop_,
                 .config = config_,
                 .process_id = process_id_,
                 .executors = executors_,
                 .monitor = monitor_,
                 .everywhere = everywhere_,
                 .intake = intake_,
                 .entrance = entrance_,
                 .logins = logins_,
                 .caps = caps_,
                 .endpoints = local_endpoints_,
                 .sessions_elsewhere = sessions_elsewhere_,
                 .source_follower = source_follower_,
                 .membership = membership_,
                 .reload = reload_}),
      signals_(loop_, [this](int number) { on_signal(number); }),
      supervisor_(
          loop_, [this](const auto& order) { on_order(order); }, [this] { loop_.stop(); }),
      companions_(loop_, *prepared_.signer, prepared_.peers.get(),
                  {.on_unusable_keys = [this](const std::string& why) { monitor_->set_unusable_keys(why); },
                   .on_ended =
                       [this] {
                         has_failed_ = true;
                         loop_.stop();
                       }}) {
  entrance_.tells_of_refusals(refusals_);
  all_workers_.shows({.bastion = name_of_bastion(site_.directory),
                      .process = process_id_,
                      .began = unix_now(),
                      .counters = counters_,
                      .refusals = refusals_,
                      .monitor = monitor_});
}

Result<std::unique_ptr<Service>> Service::start(const config::Config& config, const config::Source& source,
                                                Preparation preparation, SupervisorChannel::Beginning beginning) {
  auto executors = Executors::start();
  if (!executors) return std::unexpected(executors.error());
  auto writer = open_writer(config);
  if (!writer) return std::unexpected(writer.error());
  recover(**writer, preparation.id);
  std::unique_ptr<Service> service(new Service(config, source, std::move(preparation), *std::move(executors),
                                               *std::move(writer), !beginning.listeners.empty()));
  if (auto restored = service->restore_entrance(); !restored) return std::unexpected(restored.error());
  if (auto follows = service->source_follower_.start(); !follows) return std::unexpected(follows.error());
  if (auto desk = service->open_front_desk(); !desk) return std::unexpected(desk.error());
  if (auto started = service->start_recorder(); !started) return std::unexpected(started.error());
  if (auto started = service->logins_.start(*service->front_desk_); !started) return std::unexpected(started.error());
  if (auto listening = service->intake_.begin(std::move(beginning), config.listen); !listening) {
    return std::unexpected(listening.error());
  }
  service->local_endpoints_.open(config::StateDir(config.state_dir), service->prepared_.id);
  if (auto joined = service->join_fleet(); !joined) return std::unexpected(joined.error());
  if (auto watched = service->start_monitor(); !watched) return std::unexpected(watched.error());
  leave_agent(service->prepared_);
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

Result<> Service::open_front_desk() {
  auto desk =
      FrontDesk::open({.loop = loop_, .executors = executors_, .prepared = prepared_, .writer = *writer_}, config_);
  if (!desk) return std::unexpected(std::move(desk.error()));
  front_desk_ = *std::move(desk);
  return {};
}

Result<> Service::start_recorder() {
  recorder_.keep(kept_recordings(config_));
  return recorder_.start();
}

// What another bastion has taken away ends sessions as any other change does (session/reauthorizer.h); bans are read
// again.
Result<> Service::join_fleet() {
  const auto directory = fleet::directory_of(config_);
  if (!directory.fleet) return {};
  auto membership =
      FleetMembership::begin({.loop = loop_,
                              .here = everywhere_,
                              .directory = directory,
                              .sessions = [this] { return caps_.sessions(); },
                              .on_applied = [this] { loop_.post([this] { on_bans_changed(std::nullopt); }); }},
                             retention(config_).seconds);
  if (!membership) return std::unexpected(std::move(membership.error()));
  membership_ = *std::move(membership);
  return {};
}

Result<> Service::start_monitor() {
  monitor_ = std::make_unique<monitor::Monitor>(monitor::Monitor::Place{
      .address = config_.metrics,
      .database = config_.database(),
      .questions = executors_.questions(),
      .sources = sources(counters_, *writer_, executors_, membership_ ? &membership_->follower() : nullptr),
      .watched = watched(loop_, logins_),
      .others = figures_.others(process_id_, follows_),
      .on_beat = tell_beat});
  return monitor_->start();
}

void Service::tell_ready() const {
  SupervisorChannel::tell_ready({.id = prepared_.id.text(),
                                 .handover_limit = config_.handover_limit,
                                 .level = config_.log_level,
                                 .says_it_turns = true},
                                intake_.descriptors());
}

// SIGHUP is for the supervisor; a terminal that is closed sends it to both.
void Service::on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) return shutdown_.begin();
  if (number != SIGHUP) ignored_.note(number, loop_.now());
}

void Service::on_order(const Message<Order>& order) {
  switch (order.kind) {
    case Order::reload: return reload_.ask();
    case Order::retire: return shutdown_.retire();
    case Order::peers: return set_peers(parse_peers(order.text));
    case Order::listener:
    case Order::activated:
    case Order::begin: return;
  }
}

void Service::set_peers(const std::vector<std::string>& ids) {
  const auto folder = config::StateDir(config_.state_dir).peer_folder();
  std::vector<std::filesystem::path> sockets;
  sockets.reserve(ids.size());
  for (const auto& id : ids) sockets.push_back(folder / id);
  everywhere_.set_peers(std::move(sockets));
  monitor_->others_changed();
  sessions_elsewhere_.begin_anew();
}

// What was told in another order than it was written is right all the same: what is read is what counts.
void Service::on_bans_changed(const std::optional<Network>& lifted) {
  if (shutdown_.is_retired()) return;  // nobody comes in here any more
  if (lifted) entrance_.forgive(*lifted);
  ban_reader_.ask();
}

// What cannot be changed in a process that runs is done by another one, which reads all of it.
void Service::on_reload(const Result<config::Config>& read) {
  if (!read && shutdown_.is_retired()) {
    log::warning("sessions that stay keep to the configuration of before: {}", read.error().text);
  } else if (!read) {
    log::error("the configuration stays as it is: {}", read.error().text);
  }
  const auto changes = read ? config::changes(config_, *read) : std::vector<config::Change>{};
  const bool needs_another = std::ranges::any_of(
      changes, [](const auto& change) { return change.setting->counts == config::Counts::by_handover; });
  if (read && !shutdown_.is_retired()) log_changes(changes, config_, *read);
  if (needs_another && !shutdown_.is_retired()) return SupervisorChannel::tell(Report::handover_wanted);
  if (read) apply(changes, *read);
  if (shutdown_.is_retired()) {
    logins_.retire(config_.handover_limit);
  } else {
    SupervisorChannel::tell(Report::reloaded, format_level(config_.log_level));
  }
}

void Service::apply(const std::vector<config::Change>& changes, const config::Config& read) {
  const auto level = config_.log_level;
  for (const auto& change : changes) {
    const auto counts = change.setting->counts;
    if (counts == config::Counts::at_once || counts == config::Counts::for_new) {
      config::copy(*change.setting, read, config_);
    }
  }
  log::set_level(config_.log_level);
  if (level != config_.log_level) prepared_.signer->log_from(static_cast<std::uint8_t>(config_.log_level));
  entrance_.apply(config_);
  rsa_signatures_.apply(config_);
  front_desk_->apply(config_);
  caps_.limit(caps_per_user(config_));
  intake_.apply(config_);
  housekeeping_.keep(retention(config_));
  if (membership_) membership_->keep(retention(config_).seconds);
  recorder_.keep(kept_recordings(config_));
  logins_.apply();
}

// What errands have begun on backends they end, and write down, as long as the workers are there who do it.
std::chrono::milliseconds Service::finish_errands(std::chrono::milliseconds spent) {
  const auto began = loop::Loop::instant();
  executors_.finish_errands(std::max(config_.drain_timeout - spent, std::chrono::milliseconds::zero()));
  all_workers_.take_no_orders();
  return spent + std::chrono::floor<std::chrono::milliseconds>(loop::Loop::instant() - began);
}

std::vector<std::string> Service::stop() {
  const auto spent = shutdown_.spent();
  const auto until = loop::Loop::instant() + config_.drain_timeout + kLastChanges - spent;
  if (monitor_) monitor_->drain();
  intake_.end();
  local_endpoints_.close();
  if (membership_) membership_->end();
  SupervisorChannel::tell(Report::closed);
  logins_.turn_strangers_away();
  logins_.drain(finish_errands(spent));
  const bool recorded = recorder_.close(kLastChanges);
  const auto left = std::max(until - loop::Loop::instant(), std::chrono::microseconds::zero());
  auto going_on = executors_.close(std::chrono::ceil<std::chrono::milliseconds>(left));
  if (membership_ && !membership_->stop_following()) going_on.emplace_back("the fleet's log");
  if (!recorded) going_on.emplace_back("recordings");
  entrance_.write();
  writer_->close();
  if (monitor_) monitor_->stop();  // it looks at the membership
  membership_.reset();
  return going_on;
}

// Workers outlive the writer, because what it still answers is addressed to their loops.
Service::~Service() {
  std::ignore = stop();
  writer_.reset();
  log::info("counted {}", metrics::text_of(counters_));
}

}  // namespace bastion::server
