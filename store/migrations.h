// The steps that bring a database from any past version to this program's (migrations/README.md).
#pragma once

#include <span>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::store {

class Database;

struct Migration {
  int version;
  std::string_view name;
  const char* sql;
  // What becomes of rows that all bastions of a fleet have, if anything does: a copy of a fleet's directory leaves this
  // to a change of its own (store/fleet/replica.h). It may run at any time and again.
  const char* rows = nullptr;
};

// All of them, embedded at build time, by version from 1 without gaps.
[[nodiscard]] std::span<const Migration> migrations();

// Runs those of `steps` that the database has not seen, each in a transaction of its own. After an error the database
// is as the last successful step left it. Another program may migrate the same database at the same time.
[[nodiscard]] Result<> migrate(Database& database, std::span<const Migration> steps);

// Whether a newer program has been there.
[[nodiscard]] bool is_newer_than(Database& database, std::span<const Migration> steps);

// Whether the database has seen exactly `steps`; changes nothing.
[[nodiscard]] Result<> must_be_current(Database& database, std::span<const Migration> steps);

}  // namespace bastion::store
