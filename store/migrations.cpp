#include "store/migrations.h"

#include <fmt/format.h>

#include "store/database.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

int last_of(std::span<const Migration> steps) { return steps.empty() ? 0 : steps.back().version; }

Result<int> version_known_to(Database& database, std::span<const Migration> steps) {
  auto version = database.version();
  if (version && *version > last_of(steps)) {
    return fail("a newer bastion has written this database (version {}; this program knows {}): upgrade the program",
                *version, last_of(steps));
  }
  return version;
}

// A change of what a fleet has in common is made by all of them at the same place, and not by each when it likes.
Result<> run_rows(Database& database, const Migration& step) {
  if (step.rows == nullptr) return {};
  const auto number =
      Statement(database, "SELECT number FROM fleet_position").first([](const Row& row) { return row.number(0); }, {});
  if (!number) return std::unexpected(number.error());
  return number->value_or(0) > 0 ? Result<>{} : database.run(step.rows);
}

Result<> run_step(Database& database, const Migration& step) {
  return database.change([&]() -> Result<> {
    // Asked again inside the transaction: somebody else may have taken this step while we waited for our turn.
    const auto version = database.version();
    if (!version) return std::unexpected(version.error());
    if (*version >= step.version) return {};
    auto done = database.run(step.sql);
    if (done) done = run_rows(database, step);
    if (!done) {
      return fail("migration {:04}_{} did not run: {}", step.version, step.name, done.error().text);
    }
    return database.run(fmt::format("PRAGMA user_version = {}", step.version).c_str());
  });
}

}  // namespace

Result<> migrate(Database& database, std::span<const Migration> steps) {
  const auto version = version_known_to(database, steps);
  if (!version) return std::unexpected(version.error());
  for (const auto& step : steps) {
    if (step.version <= *version) continue;
    if (auto done = run_step(database, step); !done) return done;
  }
  return {};
}

bool is_newer_than(Database& database, std::span<const Migration> steps) {
  const auto version = database.version();
  return version && *version > last_of(steps);
}

Result<> must_be_current(Database& database, std::span<const Migration> steps) {
  const auto version = version_known_to(database, steps);
  if (!version) return std::unexpected(version.error());
  if (*version < last_of(steps)) {
    return fail("the database is at version {}, this program needs {}: `bastion init` brings it up to date", *version,
                last_of(steps));
  }
  return {};
}

}  // namespace bastion::store
