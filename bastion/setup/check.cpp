#include "bastion/setup/check.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/transport/keys.h"
#include "store/database.h"
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

// Nothing keeps the bastion from serving: whose container it was is not for it to say.
void add_copies(std::vector<Finding>& findings, const std::filesystem::path& file) {
  auto database = store::Database::open(file, store::Database::Access::read);
  const auto shared = database ? store::HostKeys(*database).shared() : std::unexpected(database.error());
  if (!shared) {
    findings.push_back(
        {false, fmt::format("{}: the host keys cannot be read: {}", file.string(), shared.error().text)});
    return;
  }
  for (const auto& [blob, machines] : *shared) {
    findings.push_back({true,
                        fmt::format("{} have the same host key {}: a copy needs host keys of its own", machines,
                                    transport::fingerprint(blob)),
                        true});
  }
}

Finding usable_key(const std::filesystem::path& file) {
  const auto key = transport::KeyPair::load(file);
  if (!key) return {false, key.error().text};
  return {true, fmt::format("{}: {} {}", file.string(), key->public_key().type,
                            transport::fingerprint(key->public_key().blob))};
}

}  // namespace

std::vector<Finding> check(const config::Config& config) {
  const config::StateDir state(config.state_dir);
  std::vector<Finding> snapshot{{true, "configuration: every key is known and within its limits"}};
  snapshot.push_back(closed_to_others(state.root()));
  snapshot.push_back(sound_database(state.database()));
  if (snapshot.back().good) {
    add_copies(snapshot, state.database());
    snapshot.push_back(closed_to_others(state.database()));
  }
  for (const auto& file : state.host_keys()) snapshot.push_back(usable_key(file));
  snapshot.push_back(usable_key(state.identity()));
  return snapshot;
}

}  // namespace bastion::setup
