#include "store/bans.h"

namespace bastion::store {
namespace {

constexpr std::string_view kAdminOrigin = "admin";

Ban read_ban(const Row& row) {
  return {.network = row.text(0),
          .origin = row.text(1) == kAdminOrigin ? Ban::Origin::admin : Ban::Origin::penalty,
          .cause = row.text(2),
          .actor = row.text(3),
          .since = row.number(4),
          .expires_at = row.optional_number(5)};
}

}  // namespace

Bans::Bans(Database& database)
    : all_(database,
           "SELECT network, origin, cause, actor, since, expires_at FROM bans"
           " WHERE origin = 'admin' AND (expires_at IS NULL OR expires_at > ?1)"
           " UNION ALL SELECT network, 'penalty', cause, '', since, expires_at FROM penalties WHERE expires_at > ?1"
           " ORDER BY network, origin"),
      count_(database, "SELECT count(*) FROM bans WHERE origin = 'admin'"),
      put_(database,
           "INSERT INTO bans (network, origin, cause, actor, since, expires_at) VALUES (?, 'admin', ?, ?, ?, ?)"
           " ON CONFLICT (network, origin) DO UPDATE SET cause = excluded.cause, actor = excluded.actor,"
           " since = excluded.since, expires_at = excluded.expires_at"),
      put_penalty_(database,
                   "INSERT INTO penalties (network, cause, since, expires_at) VALUES (?, ?, ?, ?)"
                   " ON CONFLICT (network) DO UPDATE SET cause = excluded.cause, since = excluded.since,"
                   " expires_at = excluded.expires_at"),
      remove_(database, "DELETE FROM bans WHERE network = ? AND origin = 'admin'"),
      remove_penalty_(database, "DELETE FROM penalties WHERE network = ?"),
      remove_expired_(database, "DELETE FROM bans WHERE expires_at <= ?"),
      remove_expired_penalties_(database, "DELETE FROM penalties WHERE expires_at <= ?") {}

Result<std::vector<Ban>> Bans::all(std::int64_t now) { return all_.all(read_ban, {now}); }

Result<std::int64_t> Bans::count() {
  const auto found = count_.first([](const Row& row) { return row.number(0); }, {});
  if (!found) return std::unexpected(found.error());
  return found->value_or(0);
}

Result<> Bans::put(const Ban& ban) {
  if (ban.origin == Ban::Origin::admin) {
    return put_.run({ban.network, ban.cause, ban.actor, ban.since, ban.expires_at});
  }
  return put_penalty_.run({ban.network, ban.cause, ban.since, ban.expires_at.value_or(0)});
}

Result<bool> Bans::remove(std::string_view network, Ban::Origin origin) {
  auto& statement = origin == Ban::Origin::admin ? remove_ : remove_penalty_;
  const auto removed = statement.run_and_count({network});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<> Bans::remove_expired(Ban::Origin origin, std::int64_t now) {
  return (origin == Ban::Origin::admin ? remove_expired_ : remove_expired_penalties_).run({now});
}

}  // namespace bastion::store
