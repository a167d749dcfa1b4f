#include "bastion/setup/check.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "bastion/admin/manifest/old_identity.h"
#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/fleet/directory.h"
#include "bastion/setup/key_files.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/keys.h"
#include "store/audit_chain.h"
#include "store/database.h"
#include "store/fleet/common_keys.h"
#include "store/host_keys.h"

namespace bastion::setup {
namespace {

// Where anybody but the owner has a permission, they could read secrets or put other ones there.
Finding closed_to_others(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {false, fmt::format("{}: {}", file.string(), std::strerror(errno))};
  const auto mode = status.st_mode & 07777U;
  if ((mode & (S_IRWXG | S_IRWXO)) != 0) {
    return {false, fmt::format("{}: others have access (mode {:04o}); chmod go= it", file.string(), mode)};
  }
  return {true, fmt::format("{}: closed to others (mode {:04o})", file.string(), mode)};
}

Finding sound_database(const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return {false, database.error().text};
  if (auto sound = database->check_integrity(); !sound) {
    return {false, fmt::format("{}: {}", file.string(), sound.error().text)};
  }
  return {true, fmt::format("{}: sound, version {}", file.string(), database->version().value_or(0))};
}

std::string fingerprints_of(const std::vector<ByteVector>& blobs) {
  std::string text;
  for (const auto& blob : blobs) text += (text.empty() ? "" : " or ") + transport::fingerprint(blob);
  return text.empty() ? "any, because none is known" : text;
}

// Which host keys are the same, and which were refused. Nothing keeps the bastion from serving: whose machine it was is
// not for it to say.
Result<> add_host_keys(std::vector<Finding>& findings, const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return std::unexpected(database.error());
  store::HostKeys host_keys(*database);
  const auto shared = host_keys.shared();
  if (!shared) return std::unexpected(shared.error());
  for (const auto& [blob, machines] : *shared) {
    findings.push_back({true,
                        fmt::format("{} have the same host key {}: a copy needs host keys of its own", machines,
                                    transport::fingerprint(blob)),
                        true});
  }
  const auto refused = host_keys.all_refused();
  if (!refused) return std::unexpected(refused.error());
  for (const auto& one : *refused) {
    if (one.expected.empty()) {
      findings.push_back({true,
                          fmt::format("{} has presented the host key {} without a certificate that counts", one.machine,
                                      transport::fingerprint(one.key.blob)),
                          true});
      continue;
    }
    findings.push_back({true,
                        fmt::format("{} has presented another host key: expected {}, got {}", one.machine,
                                    fingerprints_of(one.expected), transport::fingerprint(one.key.blob)),
                        true});
  }
  return {};
}

// Whether anybody has written into the audit what the bastion has not.
Finding whole_audit(const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  if (!database) return {false, database.error().text};
  const auto verdict = database->view([&] { return store::AuditChain(*database).verify(); });
  if (!verdict) return {false, fmt::format("{}: {}", file.string(), verdict.error().text)};
  if (!verdict->broken.empty()) return {false, fmt::format("{}: audit: {}", file.string(), verdict->broken)};
  return {true, fmt::format("{}: audit: nothing was changed in {} rows", file.string(),
                            verdict->rows + verdict->without_link)};
}

// Those of the bastion, and what becomes of each.
void add_own_keys(std::vector<Finding>& findings, const KeyPlaces& places, const std::string& algorithms) {
  const auto files = host_key_files(places);
  if (!files) findings.push_back({false, files.error().text});
  for (const auto& file : files.value_or(std::vector<HostKeyFile>{})) {
    if (is_not_missed(file, algorithms)) continue;
    const auto key = load_host_key(file);
    if (!key) {
      findings.push_back({false, key.error().text});
      continue;
    }
    const auto& type = key->public_key().type;
    const auto* const use = !transport::is_used(type, algorithms) ? "not used: host_key_algorithms leaves it out"
                            : file.type.empty()                   ? "announced"
                                                                  : "presented";
    findings.push_back({true, fmt::format("{}: {} {}, {}", file.place.path.string(), type,
                                          transport::fingerprint(key->public_key().blob), use)});
  }
}

Finding usable_key(const KeyPlace& place, const Result<transport::KeyPair>& key) {
  if (!key) return {false, key.error().text};
  return {true, fmt::format("{}: {} {}", place.path.string(), key->public_key().type,
                            transport::fingerprint(key->public_key().blob))};
}

Finding usable_ca(const KeyPlace& place) {
  if (!is_there(place)) {
    return {true, fmt::format("{}: not there yet; `bastion init` and `bastion serve` make it", place.path.string())};
  }
  return usable_key(place, load_ca(place));
}

// Of a rotation that is not finished.
Result<> add_old_identity(std::vector<Finding>& findings, const config::StateDir& state, const KeyPlaces& places) {
  const auto old = places.old_identity();
  if (!is_there(old)) return {};
  findings.push_back(usable_key(old, load(old)));
  const auto current = load(places.identity());
  if (!current) return {};  // which is a finding already
  auto database = store::Database::open(state.database(), store::Database::Access::read);
  if (!database) return std::unexpected(database.error());
  const auto needing = admin::needing_the_old_key(*database, current->public_key());
  if (!needing) return std::unexpected(needing.error());
  for (const auto& one : *needing) findings.push_back({true, one, true});
  return {};
}

// That the fleet's database is away keeps nobody from logging in.
Finding membership(const config::Config& config) {
  const auto named = fmt::format("fleet: {}", config.fleet->node);
  if (const auto files = fleet::files_of(config.fleet); !files) return {false, files.error().text};
  if (const auto fits = fleet::fits_key_agent(config); !fits) return {false, fits.error().text};
  auto database = store::Database::open(config.database(), store::Database::Access::read);
  if (!database) return {false, database.error().text};
  const auto joined = fleet::has_joined(*database);
  if (!joined) return {false, joined.error().text};
  if (!*joined) return {false, fmt::format("{} has not joined: run `bastion join`", named)};
  store::fleet::CommonKeys keys(config.fleet->database);
  const auto there = keys.has_begun();
  if (!there) return {true, fmt::format("{}: {}", named, there.error().text), true};
  if (!*there) return {false, fmt::format("{}: the fleet's database has no directory", named)};
  return {true, fmt::format("{} has joined, and its database answers", named)};
}

// Whether the private halves are where they are to be. Keys that cannot be read are findings already.
void add_agent(std::vector<Finding>& findings, const config::Config& config, const AskAgent& ask_agent) {
  const auto files = load_key_files(config.state_dir, config.host_key_algorithms, agent_named(config.key_agent));
  if (!files || !ask_agent) return;
  std::vector<PublicKey> elsewhere;
  const auto note = [&](const transport::KeyPair& key) {
    if (key.is_elsewhere()) elsewhere.push_back(key.public_key());
  };
  std::ranges::for_each(files->host_keys, note);
  std::ranges::for_each(files->identity.keys, note);
  note(files->identity.ca);
  if (elsewhere.empty()) return;
  const auto there = ask_agent(config.key_agent);
  if (!there) return findings.push_back({false, there.error().text});
  for (const auto& key : elsewhere) {
    const bool is_there = std::ranges::find(*there, key.blob) != there->end();
    findings.push_back({is_there, fmt::format("the agent {}: {} the key {} {}", config.key_agent.string(),
                                              is_there ? "it has" : "it is locked, or does not have", key.type,
                                              transport::fingerprint(key.blob))});
  }
}

}  // namespace

std::vector<Finding> check(const config::Config& config, const AskAgent& ask_agent) {
  const config::StateDir state(config.state_dir);
  std::vector<Finding> snapshot{{true, "configuration: every key is known and within its limits"}};
  snapshot.push_back(closed_to_others(state.root()));
  snapshot.push_back(sound_database(state.database()));
  if (snapshot.back().good) {
    if (const auto added = add_host_keys(snapshot, state.database()); !added) {
      snapshot.push_back(
          {false, fmt::format("{}: the host keys cannot be read: {}", state.database().string(), added.error().text)});
    }
    snapshot.push_back(whole_audit(state.database()));
    if (config.fleet) snapshot.push_back(membership(config));
    snapshot.push_back(closed_to_others(state.database()));
  }
  const KeyPlaces places(state, agent_named(config.key_agent));
  add_own_keys(snapshot, places, config.host_key_algorithms);
  snapshot.push_back(usable_key(places.identity(), load(places.identity())));
  if (const auto added = add_old_identity(snapshot, state, places); !added) {
    snapshot.push_back({false, fmt::format("{}: {}", state.database().string(), added.error().text)});
  }
  snapshot.push_back(usable_ca(places.ca()));
  if (is_there(places.next_ca())) {
    snapshot.push_back(usable_key(places.next_ca(), load_ca(places.next_ca())));
    snapshot.push_back({true, "the new CA signs nothing before `bastion identity rotate --ca --finish`", true});
  }
  add_agent(snapshot, config, ask_agent);
  for (const auto* const text : {&config.banner, &config.motd}) {
    if (text->path.empty()) continue;
    const bool is_read = text->why_not.empty();
    snapshot.push_back(
        {is_read, is_read ? fmt::format("{}: users can be shown it", text->path.string()) : text->why_not});
  }
  return snapshot;
}

}  // namespace bastion::setup
