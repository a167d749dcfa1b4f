#include "store/permissions.h"

#include "store/database.h"

namespace bastion::store {

Permissions::Permissions(Database& database)
    : database_(database), generation_(database, "SELECT generation FROM permissions") {}

Result<std::int64_t> Permissions::generation() {
  const auto found = generation_.first([](const Row& row) { return row.number(0); }, {});
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail("the database is damaged: permissions has no row");
  return **found;
}

Result<std::optional<std::int64_t>> Permissions::generation_if_written() {
  // Asked before the row is read: what is written in between is seen the next time.
  const auto version = database_.data_version();
  if (!version) return std::unexpected(version.error());
  if (seen_ == *version) return std::nullopt;
  const auto number = generation();
  if (!number) return std::unexpected(number.error());
  seen_ = *version;
  return *number;
}

}  // namespace bastion::store
