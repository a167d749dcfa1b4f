#include "store/shares.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_share() reads.
std::string select_shares(std::string_view which) {
  return fmt::format(
      "SELECT o.name || '/' || c.name, u.name, s.expires_at FROM shares s JOIN users u ON u.id = s.user"
      " JOIN containers c ON c.id = s.container JOIN users o ON o.id = c.owner {}",
      which);
}

Share read_share(const Row& row) {
  return {.container = row.text(0), .user = row.text(1), .expires_at = row.optional_number(2)};
}

}  // namespace

Shares::Shares(Database& database)
    : of_container_(database, select_shares("WHERE s.container = ? ORDER BY u.name")),
      all_(database, select_shares("ORDER BY o.name, c.name, u.name")),
      add_(database,
           "INSERT INTO shares (container, user, expires_at) VALUES (?, ?, ?)"
           " ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at"),
      remove_(database, "DELETE FROM shares WHERE container = ? AND user = ?") {}

Result<std::vector<Share>> Shares::of_container(std::int64_t container) {
  return of_container_.all(read_share, {container});
}

Result<std::vector<Share>> Shares::all() { return all_.all(read_share, {}); }

Result<> Shares::add(std::int64_t container, std::int64_t user, std::optional<std::int64_t> expires_at) {
  return add_.run({container, user, expires_at});
}

Result<bool> Shares::remove(std::int64_t container, std::int64_t user) {
  const auto removed = remove_.run_and_count({container, user});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

}  // namespace bastion::store
