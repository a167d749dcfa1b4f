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
  // False when there was none.
  [[nodiscard]] Result<bool> remove(std::int64_t user);

 private:
  Statement of_user_;
  Statement add_;
  Statement remove_;
};

}  // namespace bastion::store
