#include "store/second_factors.h"

namespace bastion::store {
namespace {

Enrolment read_enrolment(const Row& row) {
  return {.id = row.number(0),
          .user = row.number(1),
          .secret = row.bytes(2),
          .enrolled_at = row.number(3),
          .last_step = row.number(4)};
}

}  // namespace

SecondFactors::SecondFactors(Database& database)
    : of_user_(database, "SELECT id, user, secret, enrolled_at, last_step FROM totp WHERE user = ?"),
      any_(database, "SELECT id, user, secret, enrolled_at, last_step FROM totp ORDER BY id LIMIT 1"),
      left_(database, "SELECT count(*) FROM recovery_codes WHERE user = ? AND used_at IS NULL"),
      hashes_left_(database, "SELECT hash FROM recovery_codes WHERE user = ? AND used_at IS NULL ORDER BY id"),
      all_(database,
           "SELECT users.name, totp.enrolled_at, max(totp.last_step, coalesce(totp_uses.last_step, 0)),"
           " (SELECT count(*) FROM recovery_codes WHERE user = users.id AND used_at IS NULL)"
           " FROM totp JOIN users ON users.id = totp.user LEFT JOIN totp_uses ON totp_uses.enrolment = totp.id"
           " ORDER BY users.name"),
      enroll_(database, "INSERT INTO totp (user, secret, enrolled_at) VALUES (?, ?, ?) ON CONFLICT (user) DO NOTHING"),
      replace_(database, "UPDATE totp SET secret = ?2, enrolled_at = ?3 WHERE user = ?1"),
      add_recovery_(database, "INSERT INTO recovery_codes (user, hash) VALUES (?, ?)"),
      remove_recovery_(database, "DELETE FROM recovery_codes WHERE user = ?"),
      reset_(database, "DELETE FROM totp WHERE user = ?"),
      use_here_(database,
                "INSERT INTO totp_uses (enrolment, last_step) SELECT id, ?2 FROM totp WHERE id = ?1 AND last_step < ?2"
                " ON CONFLICT (enrolment) DO UPDATE SET last_step = excluded.last_step, failures = 0"
                " WHERE last_step < excluded.last_step"),
      note_failure_(database,
                    "INSERT INTO totp_uses (enrolment, failures, failed_at) VALUES (?1, 1, ?2)"
                    " ON CONFLICT (enrolment) DO UPDATE SET failed_at = ?2,"
                    " failures = CASE WHEN failed_at + ?3 <= ?2 THEN 1 ELSE failures + 1 END"),
      is_locked_(database, "SELECT 1 FROM totp_uses WHERE enrolment = ? AND failures >= ? AND failed_at + ? > ?"),
      note_used_(database, "UPDATE totp SET last_step = ?2 WHERE id = ?1 AND last_step < ?2"),
      use_recovery_(database,
                    "UPDATE recovery_codes SET used_at = ?3 WHERE user = ?1 AND hash = ?2 AND used_at IS NULL") {}

Result<std::optional<Enrolment>> SecondFactors::of_user(std::int64_t user) {
  return of_user_.first(read_enrolment, {user});
}

Result<std::optional<Enrolment>> SecondFactors::any() { return any_.first(read_enrolment, {}); }

Result<std::int64_t> SecondFactors::recovery_codes_left(std::int64_t user) {
  const auto left = left_.first([](const Row& row) { return row.number(0); }, {user});
  if (!left) return std::unexpected(left.error());
  return left->value_or(0);
}

Result<std::vector<ByteVector>> SecondFactors::recovery_left(std::int64_t user) {
  return hashes_left_.all([](const Row& row) { return row.bytes(0); }, {user});
}

Result<std::vector<SecondFactor>> SecondFactors::all() {
  return all_.all(
      [](const Row& row) {
        return SecondFactor{.user = row.text(0),
                            .enrolled_at = row.number(1),
                            .last_step = row.number(2),
                            .recovery_codes = row.number(3)};
      },
      {});
}

Result<> SecondFactors::enroll(std::int64_t user, Bytes sealed_secret, const std::vector<ByteVector>& recovery,
                               std::int64_t now) {
  const auto added = enroll_.run_and_count({user, sealed_secret, now});
  if (!added) return std::unexpected(added.error());
  if (*added == 0) return fail("they have one already");
  return set_recovery(user, recovery);
}

Result<> SecondFactors::replace(std::int64_t user, Bytes sealed_secret, const std::vector<ByteVector>& recovery,
                                std::int64_t now) {
  const auto replaced = replace_.run_and_count({user, sealed_secret, now});
  if (!replaced) return std::unexpected(replaced.error());
  if (*replaced == 0) return fail("they have none");
  return set_recovery(user, recovery);
}

Result<> SecondFactors::set_recovery(std::int64_t user, const std::vector<ByteVector>& recovery) {
  if (auto gone = remove_recovery_.run({user}); !gone) return gone;
  for (const auto& hash : recovery) {
    if (auto one = add_recovery_.run({user, Bytes(hash)}); !one) return one;
  }
  return {};
}

Result<bool> SecondFactors::reset(std::int64_t user) {
  const auto gone = reset_.run_and_count({user});
  if (!gone) return std::unexpected(gone.error());
  if (auto codes = remove_recovery_.run({user}); !codes) return std::unexpected(codes.error());
  return *gone > 0;
}

Result<bool> SecondFactors::use_here(std::int64_t enrolment, std::int64_t step) {
  const auto used = use_here_.run_and_count({enrolment, step});
  if (!used) return std::unexpected(used.error());
  return *used > 0;
}

Result<> SecondFactors::note_failure(std::int64_t enrolment, std::int64_t now) {
  return note_failure_.run({enrolment, now, kLockedFor});
}

Result<bool> SecondFactors::is_locked(std::int64_t enrolment, std::int64_t now) {
  const auto locked =
      is_locked_.first([](const Row& row) { return row.number(0); }, {enrolment, kMostFailures, kLockedFor, now});
  if (!locked) return std::unexpected(locked.error());
  return locked->has_value();
}

Result<> SecondFactors::note_used(std::int64_t enrolment, std::int64_t step) {
  return note_used_.run({enrolment, step});
}

Result<bool> SecondFactors::use_recovery_code(std::int64_t user, Bytes hash, std::int64_t now) {
  const auto used = use_recovery_.run_and_count({user, hash, now});
  if (!used) return std::unexpected(used.error());
  return *used > 0;
}

}  // namespace bastion::store
