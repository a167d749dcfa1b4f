#include "store/groups.h"

#include <fmt/format.h>

#include <algorithm>

namespace bastion::store {
namespace {

std::string only_text(const Row& row) { return row.text(0); }
bool is_row(const Row& /*row*/) { return true; }

Group read_group(const Row& row) { return {.id = row.number(0), .name = row.text(1), .created_at = row.number(2)}; }

}  // namespace

Groups::Groups(Database& database)
    : find_(database, "SELECT id, name, created_at FROM user_groups WHERE name = ?"),
      all_(database,
           "SELECT g.id, g.name, g.created_at, (SELECT count(*) FROM group_members WHERE user_group = g.id),"
           " (SELECT count(*) FROM group_shares WHERE user_group = g.id),"
           " (SELECT count(*) FROM backend_groups WHERE user_group = g.id) FROM user_groups g ORDER BY g.name"),
      members_(
          database,
          "SELECT u.name FROM group_members m JOIN users u ON u.id = m.user WHERE m.user_group = ? ORDER BY u.name"),
      of_user_(database,
               "SELECT g.name FROM group_members m JOIN user_groups g ON g.id = m.user_group WHERE m.user = ?"
               " ORDER BY g.name"),
      of_backend_(database,
                  "SELECT g.name FROM backend_groups b JOIN user_groups g ON g.id = b.user_group WHERE b.backend = ?"
                  " ORDER BY g.name"),
      backends_of_(database,
                   "SELECT b.name FROM backend_groups s JOIN backends b ON b.id = s.backend WHERE s.user_group = ?"
                   " ORDER BY b.name"),
      containers_of_(database,
                     "SELECT o.name || '/' || c.name FROM group_shares s JOIN containers c ON c.id = s.container"
                     " JOIN users o ON o.id = c.owner WHERE s.user_group = ? ORDER BY o.name, c.name"),
      all_members_(database,
                   "SELECT g.name, u.name FROM group_members m JOIN user_groups g ON g.id = m.user_group"
                   " JOIN users u ON u.id = m.user ORDER BY g.name, u.name"),
      serves_(database, fmt::format("SELECT 1 FROM (SELECT ?1 AS backend, ?2 AS owner) c WHERE {}", kIsServed)),
      not_served_on_(database, fmt::format("SELECT o.name || '/' || c.name FROM containers c"
                                           " JOIN users o ON o.id = c.owner WHERE c.backend = ? AND NOT {}"
                                           " ORDER BY o.name, c.name",
                                           kIsServed)),
      would_serve_everybody_(database,
                             "SELECT b.name FROM backend_groups s JOIN backends b ON b.id = s.backend"
                             " WHERE s.user_group = ?1 AND NOT EXISTS (SELECT 1 FROM backend_groups o"
                             " WHERE o.backend = s.backend AND o.user_group <> ?1) ORDER BY b.name"),
      add_(database, "INSERT INTO user_groups (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id"),
      no_backend_(database, "DELETE FROM backend_groups WHERE user_group = ?"),
      remove_(database, "DELETE FROM user_groups WHERE id = ?"),
      join_(database, "INSERT INTO group_members (user_group, user) VALUES (?, ?) ON CONFLICT DO NOTHING"),
      leave_(database, "DELETE FROM group_members WHERE user_group = ? AND user = ?"),
      all_may_(database, "DELETE FROM backend_groups WHERE backend = ?"),
      may_(database, "INSERT INTO backend_groups (backend, user_group) VALUES (?, ?) ON CONFLICT DO NOTHING") {}

Result<std::optional<Group>> Groups::find(std::string_view name) { return find_.first(read_group, {name}); }

Result<Group> Groups::get(std::string_view name) {
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return fail("there is no group {}", name);
  return **std::move(found);
}

Result<std::vector<GroupSummary>> Groups::all() {
  return all_.all(
      [](const Row& row) {
        return GroupSummary{
            .group = read_group(row), .members = row.number(3), .shares = row.number(4), .backends = row.number(5)};
      },
      {});
}

Result<std::vector<std::string>> Groups::members(std::int64_t group) { return members_.all(only_text, {group}); }

Result<std::vector<std::string>> Groups::of_user(std::int64_t user) { return of_user_.all(only_text, {user}); }

Result<std::vector<std::string>> Groups::of_backend(std::int64_t backend) {
  return of_backend_.all(only_text, {backend});
}

Result<std::vector<std::string>> Groups::backends_of(std::int64_t group) {
  return backends_of_.all(only_text, {group});
}

Result<std::vector<std::string>> Groups::containers_of(std::int64_t group) {
  return containers_of_.all(only_text, {group});
}

Result<std::vector<GroupPair>> Groups::all_members() {
  return all_members_.all([](const Row& row) { return GroupPair{.group = row.text(0), .other = row.text(1)}; }, {});
}

Result<bool> Groups::serves(std::int64_t backend, std::int64_t owner) {
  const auto found = serves_.first(is_row, {backend, owner});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

Result<std::vector<std::string>> Groups::not_served_on(std::int64_t backend) {
  return not_served_on_.all(only_text, {backend});
}

Result<std::int64_t> Groups::add(std::string_view name, std::int64_t now) {
  const auto id = add_.first([](const Row& row) { return row.number(0); }, {name, now});
  if (!id) return std::unexpected(id.error());
  if (!*id) return fail("group {} exists already", name);
  return **id;
}

Result<> Groups::remove(const Group& group) {
  const auto open = would_serve_everybody_.first(only_text, {group.id});
  if (!open) return std::unexpected(open.error());
  if (*open) {
    return fail("backend {} serves only group {}, and would serve everybody: `backend set {} --groups …` first", **open,
                group.name, **open);
  }
  if (auto taken = no_backend_.run({group.id}); !taken) return taken;
  return remove_.run({group.id});
}

Result<bool> Groups::join(std::int64_t group, std::int64_t user) {
  const auto joined = join_.run_and_count({group, user});
  if (!joined) return std::unexpected(joined.error());
  return *joined > 0;
}

Result<bool> Groups::leave(std::int64_t group, std::int64_t user) {
  const auto left = leave_.run_and_count({group, user});
  if (!left) return std::unexpected(left.error());
  return *left > 0;
}

Result<> Groups::set_backend(std::int64_t backend, const std::vector<std::string>& groups) {
  auto before = of_backend(backend);
  if (!before) return std::unexpected(std::move(before.error()));
  auto wanted = groups;
  std::ranges::sort(wanted);
  if (wanted == *before) return {};
  if (auto cleared = all_may_.run({backend}); !cleared) return cleared;
  for (const auto& name : groups) {
    const auto group = get(name);
    if (!group) return std::unexpected(group.error());
    if (auto set = may_.run({backend, group->id}); !set) return set;
  }
  return {};
}

}  // namespace bastion::store
