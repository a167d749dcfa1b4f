#include "store/sign_ons.h"

namespace bastion::store {
namespace {

SignOn read_sign_on(const Row& row) {
  return {.id = row.number(0),
          .user = row.number(1),
          .key = row.text(2),
          .issuer = row.text(3),
          .subject = row.text(4),
          .signed_at = row.number(5)};
}

}  // namespace

SignOns::SignOns(Database& database)
    : find_(database, "SELECT id, user, key, issuer, subject, signed_at FROM sign_ons WHERE id = ?"),
      with_key_(database, "SELECT id, user, key, issuer, subject, signed_at FROM sign_ons WHERE user = ? AND key = ?"),
      of_user_(database,
               "SELECT id, user, key, issuer, subject, signed_at FROM sign_ons WHERE user = ?"
               " ORDER BY signed_at DESC, id DESC"),
      all_(database,
           "SELECT s.id, s.user, s.key, s.issuer, s.subject, s.signed_at, u.name FROM sign_ons s"
           " JOIN users u ON u.id = s.user ORDER BY u.name, s.signed_at DESC, s.id DESC"),
      note_(database,
            "INSERT INTO sign_ons (user, key, issuer, subject, signed_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (user, key) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject,"
            " signed_at = excluded.signed_at"),
      forget_old_(database,
                  "DELETE FROM sign_ons WHERE user = ?1 AND id NOT IN (SELECT id FROM sign_ons WHERE user = ?1"
                  " ORDER BY signed_at DESC, id DESC LIMIT ?2)"),
      forget_(database, "DELETE FROM sign_ons WHERE user = ?") {}

Result<std::optional<SignOn>> SignOns::find(std::int64_t id) { return find_.first(read_sign_on, {id}); }

Result<std::optional<SignOn>> SignOns::with_key(std::int64_t user, std::string_view key) {
  return with_key_.first(read_sign_on, {user, key});
}

Result<std::vector<SignOn>> SignOns::of_user(std::int64_t user) { return of_user_.all(read_sign_on, {user}); }

Result<std::vector<UsersSignOn>> SignOns::all() {
  return all_.all([](const Row& row) { return UsersSignOn{.user = row.text(6), .sign_on = read_sign_on(row)}; }, {});
}

Result<std::int64_t> SignOns::note(const SignOn& sign_on) {
  if (auto noted = note_.run({sign_on.user, sign_on.key, sign_on.issuer, sign_on.subject, sign_on.signed_at}); !noted) {
    return std::unexpected(noted.error());
  }
  if (auto gone = forget_old_.run({sign_on.user, kMostPerUser}); !gone) return std::unexpected(gone.error());
  const auto now = with_key(sign_on.user, sign_on.key);
  if (!now) return std::unexpected(now.error());
  if (!*now) return fail("a sign-on was forgotten as soon as it was noted");
  return (*now)->id;
}

Result<std::int64_t> SignOns::forget(std::int64_t user) {
  const auto gone = forget_.run_and_count({user});
  if (!gone) return std::unexpected(gone.error());
  return static_cast<std::int64_t>(*gone);
}

}  // namespace bastion::store
