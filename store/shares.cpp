#include "store/shares.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_share() reads.
std::string select_shares(std::string_view which) {
  return fmt::format(
      "SELECT o.name || '/' || c.name, u.name, '', s.expires_at, o.name AS owner, c.name AS called FROM shares s"
      " JOIN users u ON u.id = s.user JOIN containers c ON c.id = s.container JOIN users o ON o.id = c.owner {0}"
      " UNION ALL"
      " SELECT o.name || '/' || c.name, '', g.name, s.expires_at, o.name, c.name FROM group_shares s"
      " JOIN user_groups g ON g.id = s.user_group JOIN containers c ON c.id = s.container"
      " JOIN users o ON o.id = c.owner {0} ORDER BY owner, called, 3, 2",
      which);
}

Share read_share(const Row& row) {
  return {.container = row.text(0), .user = row.text(1), .group = row.text(2), .expires_at = row.optional_number(3)};
}

Result<bool> was_there(const Result<int>& removed) {
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

}  // namespace

Shares::Shares(Database& database)
    : of_container_(database, select_shares("WHERE s.container = ?1")),
      all_(database, select_shares("")),
      add_(database,
           "INSERT INTO shares (container, user, expires_at) VALUES (?, ?, ?)"
           " ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at"),
      remove_(database, "DELETE FROM shares WHERE container = ? AND user = ?"),
      add_group_(database,
                 "INSERT INTO group_shares (container, user_group, expires_at) VALUES (?, ?, ?)"
                 " ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at"),
      remove_group_(database, "DELETE FROM group_shares WHERE container = ? AND user_group = ?") {}

Result<std::vector<Share>> Shares::of_container(std::int64_t container) {
  return of_container_.all(read_share, {container});
}

Result<std::vector<Share>> Shares::all() { return all_.all(read_share, {}); }

Result<> Shares::add(std::int64_t container, std::int64_t user, std::optional<std::int64_t> expires_at) {
  return add_.run({container, user, expires_at});
}

Result<bool> Shares::remove(std::int64_t container, std::int64_t user) {
  return was_there(remove_.run_and_count({container, user}));
}

Result<> Shares::add_group(std::int64_t container, std::int64_t group, std::optional<std::int64_t> expires_at) {
  return add_group_.run({container, group, expires_at});
}

Result<bool> Shares::remove_group(std::int64_t container, std::int64_t group) {
  return was_there(remove_group_.run_and_count({container, group}));
}

}  // namespace bastion::store
