#include "store/passwords.h"

namespace bastion::store {

Passwords::Passwords(Database& database)
    : of_user_(database, "SELECT id, hash, set_at, must_change FROM passwords WHERE user = ?"),
      add_(database, "INSERT INTO passwords (user, hash, set_at, must_change) VALUES (?, ?, ?, ?)"),
      remove_(database, "DELETE FROM passwords WHERE user = ?") {}

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

Result<bool> Passwords::remove(std::int64_t user) {
  const auto gone = remove_.run_and_count({user});
  if (!gone) return std::unexpected(gone.error());
  return *gone > 0;
}

}  // namespace bastion::store
