#include "bastion/server/preparation.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/log.h"
#include "bastion/config/state_dir.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/local_listener.h"
#include "bastion/setup/key_files.h"
#include "bastion/setup/key_places.h"
#include "bastion/signer/confinement.h"

namespace bastion::server {
namespace {

signer::Start start_of(const config::Config& config) {
  return {.state_dir = config.state_dir,
          .database = config.database(),
          .host_key_algorithms = config.host_key_algorithms,
          .key_agent = config.key_agent,
          .log_level = static_cast<std::uint8_t>(config.log_level),
          .log_form = static_cast<std::uint8_t>(config.log),
          .channels = 0};
}

std::vector<signer::Urgency> urgencies(const ThreadCounts& threads) {
  std::vector<signer::Urgency> all(threads.workers, signer::Urgency::sessions);
  all.insert(all.end(), threads.strangers, signer::Urgency::strangers);
  return all;
}

// A password for the fleet's database may be a credential beside the keys.
void leave_key_files(const std::vector<std::filesystem::path>& folders,
                     const std::vector<std::filesystem::path>& still) {
  const auto left = signer::stop_reading(folders, still);
  if (!left) {
    log::warning("the files of the private keys can still be read by the process that serves: {}", left.error().text);
  } else if (!*left) {
    log::warning(
        "the files of the private keys can still be read by the process that serves: this kernel has no "
        "landlock");
  }
}

// A build with sanitizers, or another machine, has no list: nothing is missing there that could be had.
void leave_system_calls() {
  const auto left = signer::allow_only(signer::Calls::serving);
  if (!left) log::warning("the process that serves may make every system call: {}", left.error().text);
}

Result<std::vector<transport::KeyPair>> held_elsewhere(const std::vector<PublicKey>& keys) {
  std::vector<transport::KeyPair> known;
  for (const auto& key : keys) {
    auto one = transport::KeyPair::elsewhere(key);
    if (!one) return std::unexpected(std::move(one.error()));
    known.push_back(*std::move(one));
  }
  return known;
}

Result<SealingKey> load_sealing_key(const config::Config& config) {
  if (auto made = setup::make_missing_sealing_key(config.state_dir); !made) return std::unexpected(made.error());
  const auto place = setup::KeyPlaces(config::StateDir(config.state_dir)).sealing_key();
  return place.is_credential ? SealingKey::load_credential(place.path) : SealingKey::load(place.path);
}

oidc::Start start_of(const config::Oidc& oidc, const std::vector<std::filesystem::path>& not_even_read) {
  oidc::Start start{.provider = {.issuer = oidc.issuer,
                                 .client_id = oidc.client_id,
                                 .scopes = oidc.scopes,
                                 .name_claim = oidc.name_claim,
                                 .groups_claim = oidc.groups_claim},
                    .secret_file = oidc.client_secret_file.native(),
                    .ca_file = oidc.ca_file.native()};
  for (const auto& folder : not_even_read) start.not_even_read.push_back(folder.native());
  return start;
}

// To the other processes that serve from here.
Result<std::unique_ptr<signer::Connector>> start_connector(const config::Config& config) {
  if (config.key_agent.empty()) return nullptr;
  const auto folder = config::StateDir(config.state_dir).peer_folder();
  if (auto made = setup::make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  return signer::Connector::start([&] { return signer::connects_within(folder); });
}

}  // namespace

ThreadCounts thread_counts(const config::Config& config) {
  const auto workers = config.workers > 0 ? static_cast<std::size_t>(config.workers)
                                          : std::max(std::size_t{1}, std::size_t{std::thread::hardware_concurrency()});
  return {.workers = workers, .strangers = std::max(std::size_t{2}, workers / 2)};
}

Result<Preparation> prepare(const config::Config& config) {
  auto signer = signer::Signer::start();
  if (!signer) return std::unexpected(std::move(signer.error()));
  auto launcher = launcher::Launcher::start();
  if (!launcher) return std::unexpected(std::move(launcher.error()));
  auto hooks = hooks::HookRunner::start();
  if (!hooks) return std::unexpected(std::move(hooks.error()));
  std::unique_ptr<oidc::Issuer> issuer;
  if (config.oidc) {
    auto started = oidc::Issuer::start();
    if (!started) return std::unexpected(std::move(started.error()));
    issuer = *std::move(started);
  }
  if (auto there = store::Database::must_be_there(config.database()); !there) return std::unexpected(there.error());
  auto id = ServerId::take(config.state_dir);
  if (!id) return std::unexpected(std::move(id.error()));
  auto peers = start_connector(config);
  if (!peers) return std::unexpected(std::move(peers.error()));
  const auto holds = (*signer)->load(start_of(config), urgencies(thread_counts(config)));
  if (!holds) return std::unexpected(holds.error());
  auto host_keys = held_elsewhere(holds->host_keys);
  if (!host_keys) return std::unexpected(std::move(host_keys.error()));
  auto identities = held_elsewhere(holds->identity.keys);
  if (!identities) return std::unexpected(std::move(identities.error()));
  auto ca = transport::KeyPair::elsewhere(holds->identity.ca);
  if (!ca) return std::unexpected(std::move(ca.error()));
  if (auto fits = fleet::fits_key_agent(config); !fits) return std::unexpected(std::move(fits.error()));
  const auto still_read = fleet::files_of(config.fleet);
  if (!still_read) return std::unexpected(still_read.error());
  auto database = store::Database::connect(config.database());
  if (!database) return std::unexpected(std::move(database.error()));
  auto sealing_key = load_sealing_key(config);
  if (!sealing_key) log::warning("users cannot have one-time codes: {}", sealing_key.error().text);
  const auto folders = setup::KeyPlaces(config::StateDir(config.state_dir)).folders();
  const auto complaints = (*launcher)->confine(folders);
  if (!complaints) return std::unexpected(complaints.error());
  for (const auto& complaint : *complaints) log::warning("{}", complaint);
  const auto complaint = (*hooks)->confine(config.wake_hooks, folders, config.authorized_keys_command);
  if (!complaint) return std::unexpected(complaint.error());
  if (!complaint->empty()) log::warning("{}", *complaint);
  if (issuer) {
    const auto kept = issuer->confine(start_of(*config.oidc, folders));
    if (!kept) return std::unexpected(kept.error());
    if (!kept->empty()) log::warning("{}", *kept);
  }
  // What is made later cannot be read any more: what is recorded is, by commands.
  const auto recordings = config::StateDir(config.state_dir).recording_folder();
  if (auto made = setup::make_private_folder(recordings); !made) return std::unexpected(made.error());
  leave_key_files(folders, *still_read);
  leave_system_calls();
  signer::keep_memory_private();
  return Preparation{
      .id = *std::move(id),
      .signer = *std::move(signer),
      .launcher = *std::move(launcher),
      .hooks = *std::move(hooks),
      .issuer = std::move(issuer),
      .peers = *std::move(peers),
      .host_keys = *std::move(host_keys),
      .identity = {.keys = *std::move(identities), .ca = *std::move(ca), .next_ca = holds->identity.next_ca},
      .sealing_key = std::move(sealing_key),
      .database = *std::move(database)};
}

admin::PeerRuntime::Connect connects_to_peers(signer::Connector* connector) {
  return
      [connector](const std::filesystem::path& socket, std::chrono::milliseconds patience) -> Result<loop::Descriptor> {
        if (connector == nullptr) return loop::connect_local(socket, patience);
        auto connection = connector->connect(socket.filename().native());
        if (connection) loop::set_patience(*connection, patience);
        return connection;
      };
}

void leave_agent(const Preparation& prepared) {
  if (!prepared.peers) return;
  constexpr auto kWhat = "the process that serves can ask the agent itself for signatures";
  const auto left = signer::stop_making_local_sockets();
  if (!left) {
    log::warning("{}: {}", kWhat, left.error().text);
  } else if (!*left) {
    log::warning("{}: this system cannot forbid that", kWhat);
  }
}

}  // namespace bastion::server
