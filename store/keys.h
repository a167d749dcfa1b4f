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
  bool is_revoked = false;   // only read
};

// A key and whose it is, with all that decides whether that person may log in with it: bastion/access/admission.h says
// whether.
struct EnrolledKey {
  std::int64_t user = 0;
  std::int64_t key = 0;
  std::string user_name;
  std::string fingerprint;
  Role role = Role::user;
  std::optional<std::int64_t> user_disabled_at = std::nullopt;
  std::string user_options = {};
  std::string key_options = {};
  std::optional<std::int64_t> key_expires_at = std::nullopt;
  std::optional<std::int64_t> idle_timeout = std::nullopt;  // as in User
  std::optional<std::int64_t> max_session = std::nullopt;
  Caps caps = {};
  std::string auth = {};  // as in User
  bool is_revoked = false;
};
// Of two rows that were read by themselves.
[[nodiscard]] EnrolledKey enrolled_key(const User& user, const Key& key);

class Keys {
 public:
  explicit Keys(Database& database);

  // The question at a login: is exactly this key enrolled for the user of this name? Nothing for an unknown user and
  // for an unknown key, after the same look-up.
  [[nodiscard]] Result<std::optional<EnrolledKey>> enrolled(std::string_view user_name, Bytes blob);
  // The question of a session that is running: is the key it began with enrolled still?
  [[nodiscard]] Result<std::optional<EnrolledKey>> enrolled(std::int64_t user, std::int64_t key);

  [[nodiscard]] Result<std::vector<Key>> of_user(std::int64_t user);
  // `key.id` and `key.last_used_at` are not read. The error says when the user has that key already.
  [[nodiscard]] Result<> add(std::int64_t user, const Key& key);
  // Writes what may be changed about a key: comment, options, expires_at.
  [[nodiscard]] Result<> update(const Key& key);
  // False when the user has no such key.
  [[nodiscard]] Result<bool> remove(std::int64_t user, std::string_view fingerprint);
  // The key with this fingerprint, whoever has it; nothing when nobody does.
  [[nodiscard]] Result<std::optional<ByteVector>> blob_of(std::string_view fingerprint);
  [[nodiscard]] Result<> mark_used(std::int64_t key, std::int64_t now);

 private:
  Statement enrolled_by_name_;
  Statement enrolled_by_row_;
  Statement of_user_;
  Statement add_;
  Statement update_;
  Statement remove_;
  Statement blob_of_;
  Statement mark_used_;
};

}  // namespace bastion::store
