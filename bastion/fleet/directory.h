// The one place where the directory is opened by whoever may change it: a database of this machine's alone, or a copy
// of a fleet's.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/config/fleet.h"
#include "store/database.h"
#include "store/fleet/follower.h"
#include "store/fleet/place.h"
#include "store/fleet/replica.h"

namespace bastion::config {
struct Config;
}

namespace bastion::fleet {

// Where it is: a value.
struct Directory {
  std::filesystem::path file;
  std::optional<config::Fleet> fleet = std::nullopt;
};
[[nodiscard]] Directory directory_of(const config::Config& config);
// Where it stands in a fleet.
[[nodiscard]] std::optional<store::fleet::Place> place_of(const Directory& directory);

// As store::Database::open(), but a fleet has a say in every change() of what it has in common. Asks nobody yet, so
// that it is opened when the fleet's database is away. The error also says that the directory has not joined the fleet,
// or that it is a copy of one's and the configuration names none.
[[nodiscard]] Result<store::Database> open(const Directory& directory, store::Database::Access access);

// The same of one that is open for changes.
[[nodiscard]] Result<> take_part(store::Database& database, const std::optional<config::Fleet>& fleet);

// What has a say in the changes of a copy.
[[nodiscard]] std::unique_ptr<store::fleet::Replica> replica_of(const config::Fleet& fleet);

// That its database can be reached by a process that makes no unix sockets, where there is an agent for keys.
[[nodiscard]] Result<> fits_key_agent(const config::Config& config);

// The files that are read to reach the fleet's database.
[[nodiscard]] Result<std::vector<std::filesystem::path>> files_of(const std::optional<config::Fleet>& fleet);

// Keeps the copy at what other bastions change while nobody changes anything here; nothing where there is no fleet.
// `on_applied` is called on a thread of its own. It has begun.
[[nodiscard]] Result<std::unique_ptr<store::fleet::Follower>> follow(const Directory& directory,
                                                                     std::function<void()> on_applied);

// Whether it is the copy of a fleet's.
[[nodiscard]] Result<bool> has_joined(store::Database& database);

}  // namespace bastion::fleet
