// One-time codes of users, as they are enrolled, and which of them were used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Enrolment {
  std::int64_t id = 0;
  std::int64_t user = 0;
  ByteVector secret{};  // sealed
  std::int64_t enrolled_at = 0;
  std::int64_t last_step = 0;  // 0: no code was used yet, as far as this bastion knows
};

// A user, by name, and what they have. Nothing: they have none.
struct SecondFactor {
  std::string user;
  std::optional<std::int64_t> enrolled_at = std::nullopt;
  std::int64_t last_step = 0;
  std::int64_t recovery_codes = 0;  // that are left
};

class SecondFactors {
 public:
  explicit SecondFactors(Database& database);

  [[nodiscard]] Result<std::optional<Enrolment>> of_user(std::int64_t user);
  // Some other one, to see what it was sealed with.
  [[nodiscard]] Result<std::optional<Enrolment>> any();
  [[nodiscard]] Result<std::int64_t> recovery_codes_left(std::int64_t user);
  // The hashes of those.
  [[nodiscard]] Result<std::vector<ByteVector>> recovery_left(std::int64_t user);
  // Of everybody who has one, by name.
  [[nodiscard]] Result<std::vector<SecondFactor>> all();

  // In the place of nothing: the error says that there is one. `recovery` are hashes.
  [[nodiscard]] Result<> enroll(std::int64_t user, Bytes sealed_secret, const std::vector<ByteVector>& recovery,
                                std::int64_t now);
  // In the place of those that are there, which are the same enrolment: what was begun with them goes on.
  [[nodiscard]] Result<> replace(std::int64_t user, Bytes sealed_secret, const std::vector<ByteVector>& recovery,
                                 std::int64_t now);
  // False when there was none.
  [[nodiscard]] Result<bool> reset(std::int64_t user);

  // Of a bastion alone, within a change of this database only (Database::change_here): whether a code of this step may
  // be used, which it may not be again. And that one was wrong: whether so many were that nothing is looked at now.
  [[nodiscard]] Result<bool> use_here(std::int64_t enrolment, std::int64_t step);
  [[nodiscard]] Result<> note_failure(std::int64_t enrolment, std::int64_t now);
  [[nodiscard]] Result<bool> is_locked(std::int64_t enrolment, std::int64_t now);
  // So many wrong codes for one user, however many connections and addresses they come from, and then none is looked at
  // until this time has passed since the last one, in seconds.
  static constexpr std::int64_t kMostFailures = 10;
  static constexpr std::int64_t kLockedFor = 600;

  // What all bastions have in common, within a change().
  [[nodiscard]] Result<> note_used(std::int64_t enrolment, std::int64_t step);
  // Whether there is such a recovery code that was not used, which it is now.
  [[nodiscard]] Result<bool> use_recovery_code(std::int64_t user, Bytes hash, std::int64_t now);

 private:
  [[nodiscard]] Result<> set_recovery(std::int64_t user, const std::vector<ByteVector>& recovery);

  Statement of_user_;
  Statement any_;
  Statement left_;
  Statement hashes_left_;
  Statement all_;
  Statement enroll_;
  Statement replace_;
  Statement add_recovery_;
  Statement remove_recovery_;
  Statement reset_;
  Statement use_here_;
  Statement note_failure_;
  Statement is_locked_;
  Statement note_used_;
  Statement use_recovery_;
};

}  // namespace bastion::store
