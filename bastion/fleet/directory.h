// The one place where the directory is opened by whoever may change it: a database of this machine's alone, or a copy
// of a fleet's.
#pragma once

#include <filesystem>
#include <optional>

#include "bastion/base/result.h"
#include "bastion/config/fleet.h"
#include "store/database.h"

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

// As store::Database::open(), but a fleet has a say in every change() of what it has in common. Asks nobody yet, so
// that it is opened when the fleet's database is away. The error also says that the directory has not joined the fleet,
// or that it is a copy of one's and the configuration names none.
[[nodiscard]] Result<store::Database> open(const Directory& directory, store::Database::Access access);

// The same of one that is open for changes.
[[nodiscard]] Result<> take_part(store::Database& database, const std::optional<config::Fleet>& fleet);

// Whether it is the copy of a fleet's.
[[nodiscard]] Result<bool> has_joined(store::Database& database);

}  // namespace bastion::fleet
