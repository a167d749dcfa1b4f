#include "store/bans.h"

namespace bastion::store {
namespace {

constexpr std::string_view kAdminOrigin = "admin";

std::string_view text_of(Ban::Origin origin) { return origin == Ban::Origin::admin ? kAdminOrigin : "penalty"; }

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
           " WHERE expires_at IS NULL OR expires_at > ? ORDER BY network, origin"),
      count_(database, "SELECT count(*) FROM bans WHERE origin = ?"),
      put_(database,
           "INSERT INTO bans (network, origin, cause, actor, since, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
           " ON CONFLICT (network, origin) DO UPDATE SET cause = excluded.cause, actor = excluded.actor,"
           " since = excluded.since, expires_at = excluded.expires_at"),
      remove_(database, "DELETE FROM bans WHERE network = ? AND origin = ?"),
      remove_expired_(database, "DELETE FROM bans WHERE expires_at <= ?") {}

Result<std::vector<Ban>> Bans::all(std::int64_t now) { return all_.all(read_ban, {now}); }

Result<std::int64_t> Bans::count(Ban::Origin origin) {
  const auto found = count_.first([](const Row& row) { return row.number(0); }, {text_of(origin)});
  if (!found) return std::unexpected(found.error());
  return found->value_or(0);
}

Result<> Bans::put(const Ban& ban) {
  return put_.run({ban.network, text_of(ban.origin), ban.cause, ban.actor, ban.since, ban.expires_at});
}

Result<bool> Bans::remove(std::string_view network, Ban::Origin origin) {
  const auto removed = remove_.run_and_count({network, text_of(origin)});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<> Bans::remove_expired(std::int64_t now) { return remove_expired_.run({now}); }

}  // namespace bastion::store
