#include "store/keys.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

constexpr std::string_view kIsRevoked =
    "EXISTS (SELECT 1 FROM revocations WHERE kind = 'key' AND ca = x''"
    " AND value IN (user_keys.fingerprint, sha1_fingerprint(user_keys.blob)))";

// What read_enrolled() reads.
std::string select_enrolled(std::string_view from, std::string_view which) {
  return fmt::format(
      "SELECT users.id, user_keys.id, users.name, user_keys.fingerprint, users.role, users.options, user_keys.options,"
      " user_keys.expires_at, users.idle_timeout, users.max_session, users.disabled_at,"
      " users.max_sessions, users.max_logins, users.max_rekeys, users.max_bytes, users.auth, {}, users.duty"
      " FROM {} ON user_keys.user = users.id WHERE {}",
      kIsRevoked, from, which);
}

EnrolledKey read_enrolled(const Row& row) {
  return {.user = row.number(0),
          .key = row.number(1),
          .user_name = row.text(2),
          .fingerprint = row.text(3),
          .role = role_in_row(row.text(4), row.text(17)),
          .user_disabled_at = row.optional_number(10),
          .user_options = row.text(5),
          .key_options = row.text(6),
          .key_expires_at = row.optional_number(7),
          .idle_timeout = row.optional_number(8),
          .max_session = row.optional_number(9),
          .caps = {.sessions = row.optional_number(11),
                   .logins = row.optional_number(12),
                   .rekeys = row.optional_number(13),
                   .bytes = row.optional_number(14)},
          .auth = row.text(15),
          .is_revoked = row.number(16) != 0};
}

}  // namespace

EnrolledKey enrolled_key(const User& user, const Key& key) {
  return {.user = user.id,
          .key = key.id,
          .user_name = user.name,
          .fingerprint = key.fingerprint,
          .role = user.role,
          .user_disabled_at = user.disabled_at,
          .user_options = user.options,
          .key_options = key.options,
          .key_expires_at = key.expires_at,
          .idle_timeout = user.idle_timeout,
          .max_session = user.max_session,
          .caps = user.caps,
          .auth = user.auth,
          .is_revoked = key.is_revoked};
}

Keys::Keys(Database& database)
    // SQLite takes a unique index for better than one that has all that is asked for.
    : enrolled_by_name_(database,
                        select_enrolled("users INDEXED BY users_at_login JOIN user_keys INDEXED BY user_keys_at_login",
                                        "users.name = ?1 AND user_keys.blob = ?2")),
      enrolled_by_row_(database, select_enrolled("users JOIN user_keys", "users.id = ?1 AND user_keys.id = ?2")),
      of_user_(database,
               fmt::format("SELECT id, blob, fingerprint, comment, added_at, expires_at, key_uses.at, options, {}"
                           " FROM user_keys LEFT JOIN key_uses ON key_uses.key = user_keys.id WHERE user = ?"
                           " ORDER BY id",
                           kIsRevoked)),
      add_(database,
           "INSERT INTO user_keys (user, blob, fingerprint, comment, added_at, expires_at, options)"
           " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      update_(database, "UPDATE user_keys SET comment = ?2, options = ?3, expires_at = ?4 WHERE id = ?1"),
      remove_(database, "DELETE FROM user_keys WHERE user = ? AND fingerprint = ?"),
      blob_of_(database, "SELECT blob FROM user_keys WHERE fingerprint = ? LIMIT 1"),
      mark_used_(database,
                 "INSERT INTO key_uses (key, at) SELECT id, ?2 FROM user_keys WHERE id = ?1"
                 " ON CONFLICT (key) DO UPDATE SET at = excluded.at") {}

Result<std::optional<EnrolledKey>> Keys::enrolled(std::string_view user_name, Bytes blob) {
  return enrolled_by_name_.first(read_enrolled, {user_name, blob});
}

Result<std::optional<EnrolledKey>> Keys::enrolled(std::int64_t user, std::int64_t key) {
  return enrolled_by_row_.first(read_enrolled, {user, key});
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
                   .last_used_at = row.optional_number(6),
                   .options = row.text(7),
                   .is_revoked = row.number(8) != 0};
      },
      {user});
}

Result<> Keys::add(std::int64_t user, const Key& key) {
  const auto added = add_.run_and_count(
      {user, Bytes(key.blob), key.fingerprint, key.comment, key.added_at, key.expires_at, key.options});
  if (!added) return std::unexpected(added.error());
  if (*added == 0) return fail("key {} is there already", key.fingerprint);
  return {};
}

Result<> Keys::update(const Key& key) { return update_.run({key.id, key.comment, key.options, key.expires_at}); }

Result<bool> Keys::remove(std::int64_t user, std::string_view fingerprint) {
  const auto removed = remove_.run_and_count({user, fingerprint});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<std::optional<ByteVector>> Keys::blob_of(std::string_view fingerprint) {
  return blob_of_.first([](const Row& row) { return row.bytes(0); }, {fingerprint});
}

Result<> Keys::mark_used(std::int64_t key, std::int64_t now) { return mark_used_.run({key, now}); }

}  // namespace bastion::store
