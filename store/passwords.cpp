#include "store/passwords.h"

namespace bastion::store {

Passwords::Passwords(Database& database)
    : of_user_(database, "SELECT id, hash, set_at, must_change FROM passwords WHERE user = ?"),
      add_(database, "INSERT INTO passwords (user, hash, set_at, must_change) VALUES (?, ?, ?, ?)"),
      replace_(database, "UPDATE passwords SET hash = ?3, set_at = ?4, must_change = 0 WHERE user = ?1 AND id = ?2"),
      remove_(database, "DELETE FROM passwords WHERE user = ?"),
      note_failure_(database,
                    "INSERT INTO password_tries (password, failures, failed_at) VALUES (?1, 1, ?2)"
                    " ON CONFLICT (password) DO UPDATE SET failed_at = ?2,"
                    " failures = CASE WHEN failed_at + ?3 <= ?2 THEN 1 ELSE failures + 1 END"),
      forget_failures_(database, "DELETE FROM password_tries WHERE password = ?"),
      is_locked_(database, "SELECT 1 FROM password_tries WHERE password = ? AND failures >= ? AND failed_at + ? > ?") {}

Result<std::optional<Password>> Passwords::of_user(std::int64_t user) {
  return of_user_.first(
      [](const Row& row) {
        return Password{
            .id = row.number(0), .hash = row.text(1), .set_at = row.number(2), .must_change = row.number(3) != 0};
      },
      {user});
}

Result<> Passwords::set(std::int64_t user, std::string_view hash, bool must_change, std::int64_t now) {
  if (auto gone = remove_.run({user}); !gone) return gone;
  return add_.run({user, hash, now, std::int64_t{must_change ? 1 : 0}});
}

Result<bool> Passwords::change(std::int64_t user, std::int64_t before, std::string_view hash, std::int64_t now) {
  const auto there = of_user(user);
  if (!there) return std::unexpected(there.error());
  if (!*there || (*there)->id != before) return false;
  if (auto done = set(user, hash, false, now); !done) return std::unexpected(done.error());
  return true;
}

Result<bool> Passwords::replace(std::int64_t user, std::int64_t before, std::string_view hash, std::int64_t now) {
  const auto replaced = replace_.run_and_count({user, before, hash, now});
  if (!replaced) return std::unexpected(replaced.error());
  return *replaced > 0;
}

Result<> Passwords::note_failure(std::int64_t password, std::int64_t now) {
  return note_failure_.run({password, now, kLockedFor});
}

Result<> Passwords::forget_failures(std::int64_t password) { return forget_failures_.run({password}); }

Result<bool> Passwords::is_locked(std::int64_t password, std::int64_t now) {
  const auto locked =
      is_locked_.first([](const Row& row) { return row.number(0); }, {password, kMostFailures, kLockedFor, now});
  if (!locked) return std::unexpected(locked.error());
  return locked->has_value();
}

Result<bool> Passwords::remove(std::int64_t user) {
  const auto gone = remove_.run_and_count({user});
  if (!gone) return std::unexpected(gone.error());
  return *gone > 0;
}

}  // namespace bastion::store
