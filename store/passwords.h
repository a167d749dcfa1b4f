// Passwords of users, as their hashes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Password {
  std::int64_t id = 0;  // another one for each that is set
  std::string hash;     // a PHC string (bastion/auth/password_hash.h); in no log and no answer
  std::int64_t set_at = 0;
  bool must_change = false;  // it lets nobody in before they have set another
};

class Passwords {
 public:
  explicit Passwords(Database& database);

  [[nodiscard]] Result<std::optional<Password>> of_user(std::int64_t user);

  // In the place of the one before, if there is one: what was begun with that one ends.
  [[nodiscard]] Result<> set(std::int64_t user, std::string_view hash, bool must_change, std::int64_t now);
  // By somebody who knows this one, which is theirs still; else false, and nothing is changed.
  [[nodiscard]] Result<bool> change(std::int64_t user, std::int64_t before, std::string_view hash, std::int64_t now);
  // The same, and it is the same password still: what was begun with it goes on.
  [[nodiscard]] Result<bool> replace(std::int64_t user, std::int64_t before, std::string_view hash, std::int64_t now);
  // False when there was none.
  [[nodiscard]] Result<bool> remove(std::int64_t user);

  // Of a bastion alone, within a change of this database only (Database::change_here), of those who are in already:
  // that one was wrong, or right; and whether so many were wrong that none is looked at now.
  [[nodiscard]] Result<> note_failure(std::int64_t password, std::int64_t now);
  [[nodiscard]] Result<> forget_failures(std::int64_t password);
  [[nodiscard]] Result<bool> is_locked(std::int64_t password, std::int64_t now);
  static constexpr std::int64_t kMostFailures = 10;
  static constexpr std::int64_t kLockedFor = 600;  // seconds, since the last one

 private:
  Statement of_user_;
  Statement add_;
  Statement replace_;
  Statement remove_;
  Statement note_failure_;
  Statement forget_failures_;
  Statement is_locked_;
};

}  // namespace bastion::store
