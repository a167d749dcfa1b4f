#include "store/host_keys.h"

#include <fmt/format.h>

#include <utility>

#include "store/machines.h"

namespace bastion::store {

std::string_view text_of(HostKey::Origin origin) { return origin == HostKey::Origin::pinned ? "pinned" : "learned"; }

namespace {

HostKey read_key(const Row& row) {
  return {.blob = row.bytes(0),
          .origin = row.text(1) == "pinned" ? HostKey::Origin::pinned : HostKey::Origin::learned,
          .first_seen_at = row.number(2)};
}

RefusedHostKey read_refused(const Row& row) { return {.blob = row.bytes(0), .seen_at = row.number(1)}; }

Result<bool> has_changed(Result<int> changed) {
  if (!changed) return std::unexpected(std::move(changed.error()));
  return *changed > 0;
}

}  // namespace

HostKeys::HostKeys(Database& database)
    // Of the two selections one is empty. Not an OR: each has an index of its own.
    : of_(database,
          "SELECT blob, origin, first_seen_at FROM ("
          "SELECT id, blob, origin, first_seen_at FROM host_keys WHERE backend = ?1 AND address IS NULL"
          " UNION ALL"
          " SELECT h.id, h.blob, h.origin, h.first_seen_at FROM containers c JOIN host_keys h"
          " ON h.backend = c.backend AND h.address = c.address AND h.port = c.port WHERE c.id = ?2)"
          " ORDER BY origin = 'pinned' DESC, id"),
      // The owner may have been removed since the connection to it was begun; then there is nothing to learn.
      learn_(database, fmt::format("INSERT INTO host_keys (backend, address, port, blob, origin, first_seen_at) {}"
                                   " WHERE NOT EXISTS (SELECT 1 FROM host_keys WHERE {})",
                                   row_of_machine("?3, 'learned', ?4"), kIsOfMachine)),
      copies_of_(database,
                 fmt::format("WITH machines AS NOT MATERIALIZED ({}) SELECT DISTINCT other.name FROM machines me"
                             " JOIN machines other ON other.blob = me.blob AND other.id <> me.id"
                             " AND other.is_backend = me.is_backend"
                             " WHERE me.id IN (SELECT id FROM host_keys WHERE {}) ORDER BY other.name",
                             machines_in("host_keys"), kIsOfMachine)),
      shared_(database, fmt::format("SELECT blob, group_concat(name, ', ') FROM (SELECT * FROM ({}) ORDER BY name)"
                                    " GROUP BY blob, is_backend HAVING count(*) > 1",
                                    machines_in("host_keys"))),
      name_of_(database,
               "SELECT name FROM backends WHERE id = ?1"
               " UNION ALL"
               " SELECT u.name || '/' || c.name FROM containers c JOIN users u ON u.id = c.owner WHERE c.id = ?2"),
      forget_(database, fmt::format("DELETE FROM host_keys WHERE {}", kIsOfMachine)),
      forget_one_(database, fmt::format("DELETE FROM host_keys WHERE {} AND blob = ?3", kIsOfMachine)),
      forget_learned_(database, fmt::format("DELETE FROM host_keys WHERE {} AND origin = 'learned'", kIsOfMachine)),
      make_pinned_(database,
                   fmt::format("UPDATE host_keys SET origin = 'pinned' WHERE {} AND blob = ?3", kIsOfMachine)),
      pin_(database, "INSERT INTO host_keys (backend, address, port, blob, origin, first_seen_at) " +
                         row_of_machine("?3, 'pinned', ?4")),
      bring_(database, fmt::format("INSERT INTO host_keys (backend, address, port, blob, origin, first_seen_at) {}"
                                   " WHERE true ON CONFLICT DO NOTHING",
                                   row_of_machine("?3, ?4, ?5"))),
      // Of one that has been accepted meanwhile there is nothing to say.
      refuse_(database, fmt::format("INSERT INTO refused_host_keys (backend, address, port, blob, seen_at) {}"
                                    " WHERE NOT EXISTS (SELECT 1 FROM host_keys WHERE {} AND blob = ?3)"
                                    " ON CONFLICT DO UPDATE SET blob = excluded.blob, seen_at = excluded.seen_at",
                                    row_of_machine("?3, ?4"), kIsOfMachine)),
      refused_(database, fmt::format("SELECT blob, seen_at FROM refused_host_keys WHERE {}", kIsOfMachine)),
      forget_certified_(database, fmt::format("DELETE FROM certified_hosts WHERE {}", kIsOfMachine)),
      forget_refused_(database, fmt::format("DELETE FROM refused_host_keys WHERE {}", kIsOfMachine)),
      forget_refused_one_(database, fmt::format("DELETE FROM refused_host_keys WHERE {} AND blob = ?3", kIsOfMachine)),
      all_(database, fmt::format("SELECT blob, origin, first_seen_at, name FROM ({})"
                                 " ORDER BY name, origin = 'pinned' DESC, id",
                                 machines_in("host_keys"))),
      all_refused_(database, fmt::format("SELECT r.blob, r.seen_at, r.name, h.blob FROM ({}) r LEFT JOIN host_keys h"
                                         " ON h.backend = r.backend AND h.address IS r.address AND h.port IS r.port"
                                         " ORDER BY r.name, h.origin = 'pinned' DESC, h.id",
                                         machines_in("refused_host_keys"))) {}

Result<std::vector<HostKey>> HostKeys::of(const HostKeyOwner& owner) {
  return of_.all(read_key, {owner.backend(), owner.container()});
}

Result<std::vector<HostKey>> HostKeys::learn(const HostKeyOwner& owner, Bytes presented, std::int64_t now) {
  const auto learned = learn_.run_and_count({owner.backend(), owner.container(), presented, now});
  if (!learned) return std::unexpected(learned.error());
  auto recorded = of(owner);
  if (!recorded) return recorded;
  if (recorded->empty()) return fail("it has just been removed");
  recorded->front().is_new = *learned > 0;
  return recorded;
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
  if (auto refused = forget_refused_.run({owner.backend(), owner.container()}); !refused) {
    return std::unexpected(std::move(refused.error()));
  }
  const auto certified = has_changed(forget_certified_.run_and_count({owner.backend(), owner.container()}));
  const auto known = has_changed(forget_.run_and_count({owner.backend(), owner.container()}));
  if (!certified || !known) return std::unexpected((certified ? known : certified).error());
  return *certified || *known;
}

Result<bool> HostKeys::forget(const HostKeyOwner& owner, Bytes blob) {
  const auto refused = has_changed(forget_refused_one_.run_and_count({owner.backend(), owner.container(), blob}));
  if (!refused || *refused) return refused;
  return has_changed(forget_one_.run_and_count({owner.backend(), owner.container(), blob}));
}

Result<bool> HostKeys::forget_learned(const HostKeyOwner& owner) {
  if (auto refused = forget_refused_.run({owner.backend(), owner.container()}); !refused) {
    return std::unexpected(std::move(refused.error()));
  }
  return has_changed(forget_learned_.run_and_count({owner.backend(), owner.container()}));
}

Result<> HostKeys::pin(const HostKeyOwner& owner, Bytes blob, std::int64_t now) {
  if (auto forgotten = forget(owner); !forgotten) return std::unexpected(std::move(forgotten.error()));
  return pin_too(owner, blob, now);
}

Result<> HostKeys::pin_too(const HostKeyOwner& owner, Bytes blob, std::int64_t now) {
  const auto refused = forget_refused_one_.run({owner.backend(), owner.container(), blob});
  if (!refused) return std::unexpected(refused.error());
  const auto was_known = has_changed(make_pinned_.run_and_count({owner.backend(), owner.container(), blob}));
  if (!was_known) return std::unexpected(was_known.error());
  return *was_known ? Result<>{} : pin_.run({owner.backend(), owner.container(), blob, now});
}

Result<> HostKeys::bring(const HostKeyOwner& owner, const HostKey& key) {
  return bring_.run({owner.backend(), owner.container(), Bytes(key.blob), text_of(key.origin), key.first_seen_at});
}

Result<> HostKeys::refuse(const HostKeyOwner& owner, Bytes presented, std::int64_t now) {
  return refuse_.run({owner.backend(), owner.container(), presented, now});
}

Result<std::optional<RefusedHostKey>> HostKeys::refused(const HostKeyOwner& owner) {
  return refused_.first(read_refused, {owner.backend(), owner.container()});
}

Result<std::vector<HostKeys::Known>> HostKeys::all() {
  return all_.all([](const Row& row) { return Known{.machine = row.text(3), .key = read_key(row)}; }, {});
}

Result<std::vector<HostKeys::Refused>> HostKeys::all_refused() {
  std::vector<Refused> all;
  const auto read = all_refused_.all(
      [&](const Row& row) {
        if (all.empty() || all.back().machine != row.text(2)) all.push_back({row.text(2), read_refused(row)});
        if (auto expected = row.bytes(3); !expected.empty()) all.back().expected.push_back(std::move(expected));
        return 0;
      },
      {});
  return read ? Result<std::vector<Refused>>(std::move(all)) : std::unexpected(read.error());
}

}  // namespace bastion::store
