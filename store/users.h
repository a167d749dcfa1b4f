// The people who log in. Not unix accounts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

// Each may give the commands that those before it may: an auditor those that change nothing, an operator those about
// sessions, containers and users who have no role, an administrator all. Which those are, the table of commands says.
enum class Role : std::uint8_t { user, auditor, operator_, admin };

[[nodiscard]] std::string_view text_of(Role role);
[[nodiscard]] std::optional<Role> role_of(std::string_view text);
// As two columns have it: users.role and users.duty.
[[nodiscard]] Role role_in_row(std::string_view role, std::string_view duty);

// What a user may have at a time, within a minute, or a second. 0: as much as they like; nothing: what the
// configuration says.
struct Caps {
  std::optional<std::int64_t> sessions = std::nullopt;  // at a time
  std::optional<std::int64_t> logins = std::nullopt;    // within a minute
  std::optional<std::int64_t> rekeys = std::nullopt;    // within a minute
  std::optional<std::int64_t> bytes = std::nullopt;     // a second

  bool operator==(const Caps&) const = default;
};

struct User {
  std::int64_t id = 0;
  std::string name;
  Role role = Role::user;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> disabled_at = std::nullopt;
  std::string options = {};  // as in authorized_keys(5): bastion/access/policy.h
  // Seconds; 0: no limit; nothing: what the configuration says.
  std::optional<std::int64_t> idle_timeout = std::nullopt;
  std::optional<std::int64_t> max_session = std::nullopt;
  Caps caps = {};
  std::string auth = {};  // bastion/base/requirement.h; empty: what the configuration says
};

struct UserSummary {
  User user;
  std::int64_t keys = 0;
  std::int64_t containers = 0;  // that she owns
  std::string groups = {};      // that she is in, by name, with commas between them
};

class Users {
 public:
  explicit Users(Database& database);

  [[nodiscard]] Result<std::optional<User>> find(std::string_view name);
  // The one whose name differs from this in case at most.
  [[nodiscard]] Result<std::optional<User>> find_without_case(std::string_view name);
  // As find(), but that there is none is an error.
  [[nodiscard]] Result<User> get(std::string_view name);
  [[nodiscard]] Result<std::vector<User>> all();
  // Those with the role who are not disabled.
  [[nodiscard]] Result<std::vector<User>> administrators();

  // By name, those after this one, which need not be there; so many at most, or all when `limit` is negative.
  [[nodiscard]] Result<std::vector<UserSummary>> summaries(std::string_view after, int limit);

  // Returns the new row's id. The error says when there is one already that differs in case only.
  [[nodiscard]] Result<std::int64_t> add(std::string_view name, Role role, std::int64_t now);
  // Writes what may be changed about her: role, options, limits, caps, auth.
  [[nodiscard]] Result<> update(const User& user);
  [[nodiscard]] Result<> disable(std::int64_t id, std::int64_t now);
  [[nodiscard]] Result<> enable(std::int64_t id);
  // Her keys and what was shared with her go too. The containers must be gone before.
  [[nodiscard]] Result<> remove(std::int64_t id);

 private:
  Statement find_;
  Statement find_without_case_;
  Statement all_;
  Statement administrators_;
  Statement summaries_;
  Statement add_;
  Statement update_;
  Statement set_disabled_;
  Statement remove_;
};

}  // namespace bastion::store
