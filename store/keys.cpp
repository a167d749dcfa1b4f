#include "store/keys.h"

namespace bastion::store {

Keys::Keys(Database& database)
    : accepted_(database,
                "SELECT users.id, user_keys.id, users.name, user_keys.fingerprint"
                " FROM users JOIN user_keys ON user_keys.user = users.id"
                " WHERE users.name = ?1 AND user_keys.blob = ?2 AND users.disabled_at IS NULL"
                " AND (user_keys.expires_at IS NULL OR user_keys.expires_at > ?3)"),
      of_user_(database,
               "SELECT id, blob, fingerprint, comment, added_at, expires_at, last_used_at"
               " FROM user_keys WHERE user = ? ORDER BY id"),
      add_(database,
           "INSERT INTO user_keys (user, blob, fingerprint, comment, added_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
           " ON CONFLICT DO NOTHING"),
      remove_(database, "DELETE FROM user_keys WHERE user = ? AND fingerprint = ?"),
      mark_used_(database, "UPDATE user_keys SET last_used_at = ?2 WHERE id = ?1") {}

Result<std::optional<AcceptedKey>> Keys::accepted(std::string_view user_name, Bytes blob, std::int64_t now) {
  return accepted_.first(
      [](const Row& row) {
        return AcceptedKey{
            .user = row.number(0), .key = row.number(1), .user_name = row.text(2), .fingerprint = row.text(3)};
      },
      {user_name, blob, now});
}

Result<std::vector<Key>> Keys::of_user(std::int64_t user) {
  return of_user_.all(
      [](const Row& row) {
        return Key{.id = row.number(0),
                   .blob = row.bytes(1),
                   .fingerprint = row.text(2),
                   .comment = row.text(3),
                   .added_at = row.number(4),
                   .expires_at = row.optional_number(5),
                   .last_used_at = row.optional_number(6)};
      },
      {user});
}

Result<> Keys::add(std::int64_t user, const Key& key) {
  const auto added =
      add_.run_and_count({user, Bytes(key.blob), key.fingerprint, key.comment, key.added_at, key.expires_at});
  if (!added) return std::unexpected(added.error());
  if (*added == 0) return fail("key {} is there already", key.fingerprint);
  return {};
}

Result<bool> Keys::remove(std::int64_t user, std::string_view fingerprint) {
  const auto removed = remove_.run_and_count({user, fingerprint});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<> Keys::mark_used(std::int64_t key, std::int64_t now) { return mark_used_.run({key, now}); }

}  // namespace bastion::store
