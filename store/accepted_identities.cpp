#include "store/accepted_identities.h"

namespace bastion::store {
namespace {

AcceptedIdentities::Account read_account(const Row& row) {
  const auto key = row.bytes(1);
  return {.machine = row.text(0), .key = key.empty() ? std::nullopt : std::optional(key)};
}

}  // namespace

AcceptedIdentities::AcceptedIdentities(Database& database)
    : note_backend_(database,
                    "INSERT INTO accepted_identities (backend, login, blob, at) SELECT id, ?2, ?3, ?4 FROM backends"
                    " WHERE id = ?1 ON CONFLICT (backend) DO UPDATE SET login = excluded.login, blob = excluded.blob,"
                    " at = excluded.at"),
      note_container_(
          database,
          "INSERT INTO accepted_identities (container, login, blob, at) SELECT id, ?2, ?3, ?4 FROM containers"
          " WHERE id = ?1 ON CONFLICT (container) DO UPDATE SET login = excluded.login,"
          " blob = excluded.blob, at = excluded.at"),
      all_(database,
           "SELECT 'backend ' || b.name AS machine, a.blob, 0 AS place FROM backends b"
           " LEFT JOIN accepted_identities a ON a.backend = b.id AND a.login = b.login"
           " WHERE b.identity = 'key' AND b.route = 'hop'"
           " UNION ALL SELECT 'container ' || o.name || '/' || c.name, a.blob, 1 FROM containers c"
           " JOIN users o ON o.id = c.owner LEFT JOIN accepted_identities a ON a.container = c.id AND a.login = c.login"
           " WHERE c.identity = 'key' ORDER BY place, machine") {}

Result<> AcceptedIdentities::note(const HostKeyOwner& owner, std::string_view account, Bytes key, std::int64_t now) {
  if (owner.backend()) return note_backend_.run({*owner.backend(), account, key, now});
  return note_container_.run({*owner.container(), account, key, now});
}

Result<std::vector<AcceptedIdentities::Account>> AcceptedIdentities::all() { return all_.all(read_account, {}); }

}  // namespace bastion::store
