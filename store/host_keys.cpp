#include "store/host_keys.h"

namespace bastion::store {

std::string_view text_of(HostKey::Origin origin) { return origin == HostKey::Origin::pinned ? "pinned" : "learned"; }

HostKeys::HostKeys(Database& database)
    : find_(database,
            "SELECT blob, origin, first_seen_at FROM host_keys WHERE backend = ?1"
            " UNION ALL"
            " SELECT blob, origin, first_seen_at FROM host_keys WHERE container = ?2"),
      // The owner may have been removed since the connection to it was begun; then there is nothing to learn.
      learn_(database,
             "INSERT INTO host_keys (backend, container, blob, origin, first_seen_at)"
             " SELECT ?1, ?2, ?3, 'learned', ?4"
             " WHERE EXISTS (SELECT 1 FROM backends WHERE id = ?1) OR EXISTS (SELECT 1 FROM containers WHERE id = ?2)"
             " ON CONFLICT DO NOTHING"),
      forget_(database, "DELETE FROM host_keys WHERE backend = ?1 OR container = ?2"),
      forget_learned_(database, "DELETE FROM host_keys WHERE (backend = ?1 OR container = ?2) AND origin = 'learned'"),
      pin_(database,
           "INSERT INTO host_keys (backend, container, blob, origin, first_seen_at) VALUES (?, ?, ?, 'pinned', ?)") {}

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
  if (auto learned = learn_.run({owner.backend(), owner.container(), presented, now}); !learned) {
    return std::unexpected(std::move(learned.error()));
  }
  auto recorded = find(owner);
  if (!recorded) return std::unexpected(std::move(recorded.error()));
  if (!*recorded) return fail("it has just been removed");
  return **std::move(recorded);
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
