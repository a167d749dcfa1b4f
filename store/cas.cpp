#include "store/cas.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

std::string select_cas(std::string_view which) {
  return fmt::format("SELECT name, blob, principals, roles, comment, added_at FROM cas {}", which);
}

Ca read_user_ca(const Row& row) {
  return {.name = row.text(0),
          .blob = row.bytes(1),
          .principals = row.text(2),
          .roles = row.text(3),
          .comment = row.text(4),
          .added_at = row.number(5)};
}

}  // namespace

Cas::Cas(Database& database)
    : all_(database, select_cas("ORDER BY name")),
      find_(database, select_cas("WHERE name = ?")),
      with_key_(database, select_cas("WHERE blob = ?")),
      add_(database,
           "INSERT INTO cas (name, blob, principals, roles, comment, added_at) VALUES (?, ?, ?, ?, ?, ?)"
           " ON CONFLICT DO NOTHING"),
      put_(database,
           "INSERT INTO cas (name, blob, principals, roles, comment, added_at) VALUES (?, ?, ?, ?, ?, ?)"
           " ON CONFLICT (blob) DO UPDATE SET name = excluded.name, principals = excluded.principals,"
           " roles = excluded.roles"),
      remove_(database, "DELETE FROM cas WHERE name = ?") {}

Result<std::vector<Ca>> Cas::all() { return all_.all(read_user_ca, {}); }

Result<std::optional<Ca>> Cas::find(std::string_view name) { return find_.first(read_user_ca, {name}); }

Result<std::optional<Ca>> Cas::with_key(Bytes blob) { return with_key_.first(read_user_ca, {blob}); }

Result<> Cas::add(const Ca& ca) {
  const auto added = add_.run_and_count({ca.name, Bytes(ca.blob), ca.principals, ca.roles, ca.comment, ca.added_at});
  if (!added) return std::unexpected(added.error());
  if (*added > 0) return {};
  const auto same_key = with_key(ca.blob);
  if (!same_key) return std::unexpected(same_key.error());
  if (*same_key) return fail("that key is there already, as CA {}", (*same_key)->name);
  return fail("CA {} exists already", ca.name);
}

Result<> Cas::put(const Ca& ca) {
  return put_.run({ca.name, Bytes(ca.blob), ca.principals, ca.roles, ca.comment, ca.added_at});
}

Result<bool> Cas::remove(std::string_view name) {
  const auto removed = remove_.run_and_count({name});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

}  // namespace bastion::store
