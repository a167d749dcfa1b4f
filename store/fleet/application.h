// What others have made, put into this bastion's database: entries of the log, and whole snapshots. No triggers run and
// no foreign keys are checked meanwhile, because what they did where it was made is in it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/change_log.h"
#include "store/fleet/snapshots.h"

namespace bastion::store::fleet {

// The tables that all copies have in common, in the order in which they stand on each other.
[[nodiscard]] std::span<const char* const> shared_tables();

// The last entry that is in this copy.
[[nodiscard]] Result<Position> position_of(Database& database);
[[nodiscard]] Result<> set_position(Database& database, const Position& position);

// Why something was not applied.
struct Refusal {
  enum class Cause : std::uint8_t {
    passes,       // the disk is full, the database busy: it may go well the next time
    is_newer,     // it was made by a newer program
    does_not_fit  // it finds other rows or other tables than it was made of
  };
  Cause cause = Cause::passes;
  Error error;
};
using Application = std::expected<void, Refusal>;

// All of these or none; those that another connection has applied already are left out.
[[nodiscard]] Application apply(Database& database, const std::vector<Entry>& entries);

// Puts a snapshot, whose parts `part` gives, in the place of what is there, unless that has come further. What only
// this bastion has is changed by `local` with it, or neither is.
using GetPart = std::function<Result<ByteVector>(int number)>;
using ChangeLocal = std::function<Result<>()>;
[[nodiscard]] Application apply(
    Database& database, const Snapshot& snapshot, const GetPart& part,
    const ChangeLocal& local = [] { return Result<>{}; });

// Writes every row of the shared tables as it is, unless that was done since the last migration. SQLite leaves out a
// column that was added later where a row was not written since, and its sessions then record NULL in the place of the
// column's default: which no other copy would find. In a transaction of its own.
[[nodiscard]] Result<> write_rows_anew(Database& database);

// Whether there is anything in the shared tables.
[[nodiscard]] Result<bool> has_directory(Database& database);
// As a snapshot has them.
[[nodiscard]] Result<std::string> sequences_of(Database& database);

}  // namespace bastion::store::fleet
