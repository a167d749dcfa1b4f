// Sign-ons at the issuer of an organisation: who has signed on when, and together with which key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct SignOn {
  std::int64_t id = 0;
  std::int64_t user = 0;
  std::string key;  // the fingerprint of what was shown before; empty: nothing
  std::string issuer;
  std::string subject;  // as the issuer knows them
  std::int64_t signed_at = 0;
};

// Those of a user, by name.
struct UsersSignOn {
  std::string user;
  SignOn sign_on;
};

class SignOns {
 public:
  explicit SignOns(Database& database);

  [[nodiscard]] Result<std::optional<SignOn>> find(std::int64_t id);
  [[nodiscard]] Result<std::optional<SignOn>> with_key(std::int64_t user, std::string_view key);
  // The last ones first.
  [[nodiscard]] Result<std::vector<SignOn>> of_user(std::int64_t user);
  [[nodiscard]] Result<std::vector<UsersSignOn>> all();

  // In the place of one with that key. Of a user the last kMostPerUser are kept, and those before them forgotten.
  // Returns the row's id.
  [[nodiscard]] Result<std::int64_t> note(const SignOn& sign_on);
  // How many there were.
  [[nodiscard]] Result<std::int64_t> forget(std::int64_t user);

  static constexpr std::int64_t kMostPerUser = 64;

 private:
  Statement find_;
  Statement with_key_;
  Statement of_user_;
  Statement all_;
  Statement note_;
  Statement forget_old_;
  Statement forget_;
};

}  // namespace bastion::store
