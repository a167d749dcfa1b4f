#include "store/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bastion/base/user_name.h"

namespace bastion::store {
namespace {

// What read_user() reads.
std::string select_users(std::string_view which, std::string_view more = "") {
  return fmt::format(
      "SELECT id, name, role, created_at, disabled_at, options, idle_timeout, max_session,"
      " max_sessions, max_logins, max_rekeys, max_bytes, auth, duty{} FROM users {}",
      more, which);
}

User read_user(const Row& row) {
  return {.id = row.number(0),
          .name = row.text(1),
          .role = role_in_row(row.text(2), row.text(13)),
          .created_at = row.number(3),
          .disabled_at = row.optional_number(4),
          .options = row.text(5),
          .idle_timeout = row.optional_number(6),
          .max_session = row.optional_number(7),
          .caps = {.sessions = row.optional_number(8),
                   .logins = row.optional_number(9),
                   .rekeys = row.optional_number(10),
                   .bytes = row.optional_number(11)},
          .auth = row.text(12)};
}

constexpr std::array<std::string_view, 4> kRoles{"user", "auditor", "operator", "admin"};  // in the order of Role

// What stands in the columns: `role` tells administrators from all others, and `duty` those from each other.
std::string_view role_column(Role role) { return text_of(role == Role::admin ? Role::admin : Role::user); }
std::string_view duty_column(Role role) { return role == Role::admin || role == Role::user ? "" : text_of(role); }

}  // namespace

std::string_view text_of(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> role_of(std::string_view text) {
  const auto* const found = std::ranges::find(kRoles, text);
  return found == kRoles.end() ? std::nullopt : std::optional(static_cast<Role>(found - kRoles.begin()));
}

Role role_in_row(std::string_view role, std::string_view duty) {
  if (role == text_of(Role::admin)) return Role::admin;
  return role_of(duty).value_or(Role::user);
}

Users::Users(Database& database)
    : find_(database, select_users("WHERE name = ?")),
      // The second one by an index of its own, in which most are not.
      find_without_case_(database, select_users("WHERE name = ?1") + " UNION ALL " +
                                       select_users("WHERE folded = ?1 AND folded <> ''")),
      all_(database, select_users("ORDER BY name")),
      administrators_(database, select_users("WHERE role = 'admin' AND disabled_at IS NULL ORDER BY name")),
      summaries_(database, select_users("WHERE name > ? ORDER BY name LIMIT ?",
                                        ", (SELECT count(*) FROM user_keys WHERE user = users.id),"
                                        " (SELECT count(*) FROM containers WHERE owner = users.id),"
                                        " (SELECT group_concat(name, ', ') FROM (SELECT g.name FROM group_members m"
                                        " JOIN user_groups g ON g.id = m.user_group WHERE m.user = users.id"
                                        " ORDER BY g.name))")),
      add_(database,
           "INSERT INTO users (name, role, duty, created_at, folded) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING "
           "RETURNING id"),
      update_(
          database,
          "UPDATE users SET role = ?2, options = ?3, idle_timeout = ?4, max_session = ?5,"
          " max_sessions = ?6, max_logins = ?7, max_rekeys = ?8, max_bytes = ?9, auth = ?10, duty = ?11 WHERE id = ?1"),
      set_disabled_(database, "UPDATE users SET disabled_at = ?2 WHERE id = ?1"),
      remove_(database, "DELETE FROM users WHERE id = ?") {}

Result<std::optional<User>> Users::find(std::string_view name) { return find_.first(read_user, {name}); }

Result<std::optional<User>> Users::find_without_case(std::string_view name) {
  return find_without_case_.first(read_user, {without_case(name)});
}

Result<User> Users::get(std::string_view name) {
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return fail("there is no user {}", name);
  return **std::move(found);
}

Result<std::vector<User>> Users::all() { return all_.all(read_user, {}); }

Result<std::vector<User>> Users::administrators() { return administrators_.all(read_user, {}); }

Result<std::vector<UserSummary>> Users::summaries(std::string_view after, int limit) {
  return summaries_.all(
      [](const Row& row) {
        return UserSummary{
            .user = read_user(row), .keys = row.number(14), .containers = row.number(15), .groups = row.text(16)};
      },
      {after, limit});
}

Result<std::int64_t> Users::add(std::string_view name, Role role, std::int64_t now) {
  const auto there = find_without_case(name);
  if (!there) return std::unexpected(there.error());
  if (*there && (*there)->name != name) return fail("user {} exists already, as {}", name, (*there)->name);
  const auto folded = without_case(name);
  const auto id = add_.first([](const Row& row) { return row.number(0); },
                             {name, role_column(role), duty_column(role), now, folded == name ? "" : folded});
  if (!id) return std::unexpected(id.error());
  if (!*id) return fail("user {} exists already", name);
  return **id;
}

Result<> Users::update(const User& user) {
  return update_.run({user.id, role_column(user.role), user.options, user.idle_timeout, user.max_session,
                      user.caps.sessions, user.caps.logins, user.caps.rekeys, user.caps.bytes, user.auth,
                      duty_column(user.role)});
}

Result<> Users::disable(std::int64_t id, std::int64_t now) { return set_disabled_.run({id, now}); }

Result<> Users::enable(std::int64_t id) { return set_disabled_.run({id, std::nullopt}); }

Result<> Users::remove(std::int64_t id) { return remove_.run({id}); }

}  // namespace bastion::store
