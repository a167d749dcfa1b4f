#include "store/host_keys.h"

#include <fmt/format.h>

namespace bastion::store {

std::string_view text_of(HostKey::Origin origin) { return origin == HostKey::Origin::pinned ? "pinned" : "learned"; }

namespace {

// Whose row it is: ?1 a backend, or ?2 a container, by the machine it is in.
constexpr std::string_view kIsHers =
    "((?1 IS NOT NULL AND backend = ?1 AND address IS NULL)"
    " OR (backend, address, port) IN (SELECT backend, address, port FROM containers WHERE id = ?2))";

// The same as values of a new row, with the columns `{}`; no row when the owner is gone.
std::string insert(std::string_view columns) {
  return fmt::format(
      "INSERT INTO host_keys (backend, address, port, blob, origin, first_seen_at)"
      " SELECT id, NULL, NULL, {0} FROM backends WHERE id = ?1"
      " UNION ALL SELECT backend, address, port, {0} FROM containers WHERE id = ?2",
      columns);
}

// Who has which key, by the name of the machine: of several accounts in one, the first.
constexpr std::string_view kMachines =
    "SELECT h.id AS id, h.blob AS blob, h.address IS NULL AS is_backend,"
    " CASE WHEN h.address IS NULL THEN 'backend ' || b.name ELSE 'container ' ||"
    " (SELECT min(u.name || '/' || c.name) FROM containers c JOIN users u ON u.id = c.owner"
    " WHERE c.backend = h.backend AND c.address = h.address AND c.port = h.port) END AS name"
    " FROM host_keys h JOIN backends b ON b.id = h.backend";

}  // namespace

HostKeys::HostKeys(Database& database)
    // Of the two selections one is empty. Not an OR: each has an index of its own.
    : find_(database,
            "SELECT blob, origin, first_seen_at FROM host_keys WHERE backend = ?1 AND address IS NULL"
            " UNION ALL"
            " SELECT h.blob, h.origin, h.first_seen_at FROM containers c JOIN host_keys h"
            " ON h.backend = c.backend AND h.address = c.address AND h.port = c.port WHERE c.id = ?2"),
      // The owner may have been removed since the connection to it was begun; then there is nothing to learn.
      learn_(database, insert("?3, 'learned', ?4") + " ON CONFLICT DO NOTHING"),
      copies_of_(
          database,
          fmt::format("WITH machines AS NOT MATERIALIZED ({}) SELECT other.name FROM machines me JOIN machines other"
                      " ON other.blob = me.blob AND other.id <> me.id"
                      " AND other.is_backend = me.is_backend"
                      " WHERE me.id IN (SELECT id FROM host_keys WHERE {}) ORDER BY other.name",
                      kMachines, kIsHers)),
      shared_(database, fmt::format("SELECT blob, group_concat(name, ', ') FROM (SELECT * FROM ({}) ORDER BY name)"
                                    " GROUP BY blob, is_backend HAVING count(*) > 1",
                                    kMachines)),
      name_of_(database,
               "SELECT name FROM backends WHERE id = ?1"
               " UNION ALL"
               " SELECT u.name || '/' || c.name FROM containers c JOIN users u ON u.id = c.owner WHERE c.id = ?2"),
      forget_(database, fmt::format("DELETE FROM host_keys WHERE {}", kIsHers)),
      forget_learned_(database, fmt::format("DELETE FROM host_keys WHERE {} AND origin = 'learned'", kIsHers)),
      pin_(database, insert("?3, 'pinned', ?4")) {}

Result<std::optional<HostKey>> HostKeys::find(const HostKeyOwner& owner) {
  return find_.first(
      [](const Row& row) {
        return HostKey{.blob = row.bytes(0),
                       .origin = row.text(1) == "pinned" ? HostKey::Origin::pinned : HostKey::Origin::learned,
                       .first_seen_at = row.number(2)};
      },
      {owner.backend(), owner.container()});
}

Result<HostKey> HostKeys::learn(const HostKeyOwner& owner, Bytes presented, std::int64_t now) {
  const auto learned = learn_.run_and_count({owner.backend(), owner.container(), presented, now});
  if (!learned) return std::unexpected(learned.error());
  auto recorded = find(owner);
  if (!recorded) return std::unexpected(std::move(recorded.error()));
  if (!*recorded) return fail("it has just been removed");
  (*recorded)->is_new = *learned > 0;
  return **std::move(recorded);
}

Result<std::vector<std::string>> HostKeys::copies_of(const HostKeyOwner& owner) {
  return copies_of_.all([](const Row& row) { return row.text(0); }, {owner.backend(), owner.container()});
}

Result<std::vector<HostKeys::Shared>> HostKeys::shared() {
  return shared_.all([](const Row& row) { return Shared{.blob = row.bytes(0), .machines = row.text(1)}; }, {});
}

Result<std::string> HostKeys::name_of(const HostKeyOwner& owner) {
  const auto found = name_of_.first([](const Row& row) { return row.text(0); }, {owner.backend(), owner.container()});
  if (!found) return std::unexpected(found.error());
  return found->value_or("");
}

Result<bool> HostKeys::forget(const HostKeyOwner& owner) {
  const auto forgotten = forget_.run_and_count({owner.backend(), owner.container()});
  if (!forgotten) return std::unexpected(forgotten.error());
  return *forgotten > 0;
}

Result<bool> HostKeys::forget_learned(const HostKeyOwner& owner) {
  const auto forgotten = forget_learned_.run_and_count({owner.backend(), owner.container()});
  if (!forgotten) return std::unexpected(forgotten.error());
  return *forgotten > 0;
}

Result<> HostKeys::pin(const HostKeyOwner& owner, Bytes blob, std::int64_t now) {
  if (auto forgotten = forget(owner); !forgotten) return std::unexpected(std::move(forgotten.error()));
  return pin_.run({owner.backend(), owner.container(), blob, now});
}

}  // namespace bastion::store
