// The public keys that users log in with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"
#include "store/users.h"

namespace bastion::store {

struct Key {
  std::int64_t id = 0;
  ByteVector blob;          // RFC 4253 section 6.6
  std::string fingerprint;  // SHA256:…
  std::string comment;
  std::int64_t added_at = 0;
  std::optional<std::int64_t> expires_at = std::nullopt;  // from then on it is not accepted
  std::optional<std::int64_t> last_used_at = std::nullopt;
  std::string options = {};  // as in authorized_keys(5): bastion/access/policy.h
};

// Whose key it is that was offered, when that person may log in with it, and under what conditions.
struct AcceptedKey {
  std::int64_t user = 0;
  std::int64_t key = 0;
  std::string user_name;
  std::string fingerprint;
  Role role = Role::user;
  std::string user_options = {};
  std::string key_options = {};
  std::optional<std::int64_t> key_expires_at = std::nullopt;
  std::optional<std::int64_t> idle_timeout = std::nullopt;  // as in User
  std::optional<std::int64_t> max_session = std::nullopt;
};

class Keys {
 public:
  explicit Keys(Database& database);

  // The login's question: may this user log in with exactly this key at this time? Nothing for an unknown or disabled
  // user and for an unknown or expired key, after the same look-up.
  [[nodiscard]] Result<std::optional<AcceptedKey>> accepted(std::string_view user_name, Bytes blob, std::int64_t now);

  // The question of a session that is running: would this user, with this key, still be let in? Nothing when the user
  // is removed or disabled, or the key removed or expired.
  [[nodiscard]] Result<std::optional<AcceptedKey>> still_accepted(std::int64_t user, std::int64_t key,
                                                                  std::int64_t now);

  [[nodiscard]] Result<std::vector<Key>> of_user(std::int64_t user);
  // `key.id` and `key.last_used_at` are not read. The error says when the user has that key already.
  [[nodiscard]] Result<> add(std::int64_t user, const Key& key);
  // Writes what may be changed about a key: comment, options, expires_at.
  [[nodiscard]] Result<> update(const Key& key);
  // False when the user has no such key.
  [[nodiscard]] Result<bool> remove(std::int64_t user, std::string_view fingerprint);
  [[nodiscard]] Result<> mark_used(std::int64_t key, std::int64_t now);

 private:
  Statement accepted_;
  Statement still_accepted_;
  Statement of_user_;
  Statement add_;
  Statement update_;
  Statement remove_;
  Statement mark_used_;
};

}  // namespace bastion::store
