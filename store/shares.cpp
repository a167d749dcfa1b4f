#include "store/shares.h"

namespace bastion::store {

Shares::Shares(Database& database)
    : add_(database,
           "INSERT INTO shares (container, user, expires_at) VALUES (?, ?, ?)"
           " ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at"),
      remove_(database, "DELETE FROM shares WHERE container = ? AND user = ?") {}

Result<> Shares::add(std::int64_t container, std::int64_t user, std::optional<std::int64_t> expires_at) {
  return add_.run({container, user, expires_at});
}

Result<bool> Shares::remove(std::int64_t container, std::int64_t user) {
  const auto removed = remove_.run_and_count({container, user});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

}  // namespace bastion::store
