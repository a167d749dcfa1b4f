#include "store/restoration.h"

#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "store/backup.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

namespace fs = std::filesystem;

// In their order: nothing may point to what is not there, and no two may be in one place at any time. `backup` is the
// copy, as prepare() has attached it. The triggers see to it that running sessions are measured again.
constexpr std::array kSteps{
    "DELETE FROM main.shares",
    "DELETE FROM main.group_shares",
    "DELETE FROM main.group_members",
    "DELETE FROM main.host_keys",
    "DELETE FROM main.refused_host_keys",

    "DELETE FROM main.containers WHERE id NOT IN ("
    " SELECT c.id FROM main.containers c JOIN main.users u ON u.id = c.owner"
    " JOIN backup.users bu ON bu.name = u.name JOIN backup.containers bc ON bc.owner = bu.id AND bc.name = c.name)",
    // Containers may have changed places, and the default from one to another.
    "UPDATE main.containers SET address = 'moving ' || id, is_default = 0",

    "DELETE FROM main.users WHERE name NOT IN (SELECT name FROM backup.users)",
    "INSERT INTO main.users (name, role, created_at, disabled_at, options, idle_timeout, max_session,"
    " max_sessions, max_logins, max_rekeys, max_bytes, auth, duty, folded, sftp, record)"
    " SELECT name, role, created_at, disabled_at, options, idle_timeout, max_session,"
    " max_sessions, max_logins, max_rekeys, max_bytes, auth, duty, folded, sftp, record FROM backup.users WHERE true"
    " ORDER BY id"
    " ON CONFLICT (name) DO UPDATE SET role = excluded.role, created_at = excluded.created_at,"
    " disabled_at = excluded.disabled_at, options = excluded.options, idle_timeout = excluded.idle_timeout,"
    " max_session = excluded.max_session, max_sessions = excluded.max_sessions, max_logins = excluded.max_logins,"
    " max_rekeys = excluded.max_rekeys, max_bytes = excluded.max_bytes, auth = excluded.auth,"
    " duty = excluded.duty, folded = excluded.folded, sftp = excluded.sftp, record = excluded.record",

    "DELETE FROM main.user_keys WHERE id NOT IN ("
    " SELECT k.id FROM main.user_keys k JOIN main.users u ON u.id = k.user"
    " JOIN backup.users bu ON bu.name = u.name JOIN backup.user_keys bk ON bk.user = bu.id AND bk.blob = k.blob)",
    "INSERT INTO main.user_keys (user, blob, fingerprint, comment, added_at, expires_at, options)"
    " SELECT u.id, k.blob, k.fingerprint, k.comment, k.added_at, k.expires_at, k.options"
    " FROM backup.user_keys k JOIN backup.users bu ON bu.id = k.user JOIN main.users u ON u.name = bu.name WHERE true"
    " ORDER BY k.id"
    " ON CONFLICT (user, blob) DO UPDATE SET comment = excluded.comment, added_at = excluded.added_at,"
    " expires_at = excluded.expires_at, options = excluded.options",
    "INSERT INTO main.key_uses (key, at)"
    " SELECT mk.id, w.at FROM backup.key_uses w JOIN backup.user_keys k ON k.id = w.key"
    " JOIN backup.users bu ON bu.id = k.user JOIN main.users u ON u.name = bu.name"
    " JOIN main.user_keys mk ON mk.user = u.id AND mk.blob = k.blob WHERE true"
    " ON CONFLICT (key) DO UPDATE SET at = excluded.at",

    "DELETE FROM main.cas WHERE blob NOT IN (SELECT blob FROM backup.cas)",
    "UPDATE main.cas SET name = 'moving ' || id",
    "INSERT INTO main.cas (name, blob, principals, roles, comment, added_at)"
    " SELECT name, blob, principals, roles, comment, added_at FROM backup.cas WHERE true ORDER BY id"
    " ON CONFLICT (blob) DO UPDATE SET name = excluded.name, principals = excluded.principals,"
    " roles = excluded.roles, comment = excluded.comment, added_at = excluded.added_at",
    // What was revoked since then stays so.
    "INSERT OR IGNORE INTO main.revocations (kind, ca, value, added_at)"
    " SELECT kind, ca, value, added_at FROM backup.revocations ORDER BY id",

    // Of those who have no codes now. Recovery codes go with the enrolment that they were made for, and one that was
    // used since then stays so.
    "INSERT INTO main.totp (user, secret, enrolled_at, last_step)"
    " SELECT mu.id, t.secret, t.enrolled_at, t.last_step FROM backup.totp t JOIN backup.users u ON u.id = t.user"
    " JOIN main.users mu ON mu.name = u.name WHERE true ORDER BY t.id ON CONFLICT DO NOTHING",
    "INSERT INTO main.recovery_codes (user, hash, used_at)"
    " SELECT mu.id, r.hash, r.used_at FROM backup.recovery_codes r JOIN backup.users u ON u.id = r.user"
    " JOIN backup.totp t ON t.user = u.id JOIN main.users mu ON mu.name = u.name"
    " JOIN main.totp mt ON mt.user = mu.id AND mt.secret = t.secret WHERE true ORDER BY r.id ON CONFLICT DO NOTHING",

    // So too.
    "INSERT INTO main.passwords (user, hash, set_at, must_change)"
    " SELECT mu.id, p.hash, p.set_at, p.must_change FROM backup.passwords p JOIN backup.users u ON u.id = p.user"
    " JOIN main.users mu ON mu.name = u.name WHERE true ORDER BY p.id ON CONFLICT DO NOTHING",

    // First without the way there: it may lead through one that comes later.
    "UPDATE main.backends SET via = NULL WHERE via IS NOT NULL",
    "INSERT INTO main.backends (name, host, port, login, via, route, capacity, state, created_at, legacy, identity)"
    " SELECT name, host, port, login, NULL, route, capacity, state, created_at, legacy, identity FROM backup.backends"
    " WHERE true"
    " ORDER BY id"
    " ON CONFLICT (name) DO UPDATE SET host = excluded.host, port = excluded.port, login = excluded.login,"
    " route = excluded.route, capacity = excluded.capacity, state = excluded.state, created_at = excluded.created_at,"
    " legacy = excluded.legacy, identity = excluded.identity",
    "UPDATE main.backends SET via = w.way FROM ("
    " SELECT bb.name AS name, v.id AS way FROM backup.backends bb"
    " JOIN backup.backends bv ON bv.id = bb.via JOIN main.backends v ON v.name = bv.name) w"
    " WHERE main.backends.name = w.name",

    "INSERT INTO main.containers (name, owner, backend, address, port, login, is_default, created_at, legacy, identity,"
    " reach) SELECT bc.name, u.id, b.id, bc.address, bc.port, bc.login, bc.is_default, bc.created_at, bc.legacy, "
    "bc.identity, bc.reach"
    " FROM backup.containers bc JOIN backup.users bu ON bu.id = bc.owner JOIN main.users u ON u.name = bu.name"
    " JOIN backup.backends bb ON bb.id = bc.backend JOIN main.backends b ON b.name = bb.name WHERE true"
    " ORDER BY bc.id"
    " ON CONFLICT (owner, name) DO UPDATE SET backend = excluded.backend, address = excluded.address,"
    " port = excluded.port, login = excluded.login, is_default = excluded.is_default,"
    " created_at = excluded.created_at, legacy = excluded.legacy, identity = excluded.identity, reach = excluded.reach",
    "UPDATE main.backends SET wake = w.wake, source = w.source, link_key = w.link_key"
    " FROM (SELECT name, wake, source, link_key FROM backup.backends) w"
    " WHERE main.backends.name = w.name",
    "UPDATE main.containers SET wake = w.wake, sftp = w.sftp, record = w.record FROM ("
    " SELECT c.id AS id, bc.wake AS wake, bc.sftp AS sftp, bc.record AS record FROM backup.containers bc"
    " JOIN backup.users bo ON bo.id = bc.owner"
    " JOIN main.users o ON o.name = bo.name JOIN main.containers c ON c.owner = o.id AND c.name = bc.name) w"
    " WHERE main.containers.id = w.id",
    "DELETE FROM main.backends WHERE name NOT IN (SELECT name FROM backup.backends)",

    "INSERT INTO main.shares (container, user, expires_at)"
    " SELECT c.id, u.id, s.expires_at FROM backup.shares s"
    " JOIN backup.users bu ON bu.id = s.user JOIN main.users u ON u.name = bu.name"
    " JOIN backup.containers bc ON bc.id = s.container JOIN backup.users bo ON bo.id = bc.owner"
    " JOIN main.users o ON o.name = bo.name JOIN main.containers c ON c.owner = o.id AND c.name = bc.name",
    // A backend without groups serves everybody, so these go last and come back at once.
    "INSERT INTO main.user_groups (name, created_at, sftp, record)"
    " SELECT name, created_at, sftp, record FROM backup.user_groups"
    " WHERE true ORDER BY id ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at, sftp = excluded.sftp,"
    " record = excluded.record",
    "DELETE FROM main.backend_groups",
    "INSERT INTO main.backend_groups (backend, user_group)"
    " SELECT b.id, g.id FROM backup.backend_groups s"
    " JOIN backup.user_groups bg ON bg.id = s.user_group JOIN main.user_groups g ON g.name = bg.name"
    " JOIN backup.backends bb ON bb.id = s.backend JOIN main.backends b ON b.name = bb.name",
    "DELETE FROM main.user_groups WHERE name NOT IN (SELECT name FROM backup.user_groups)",
    "INSERT INTO main.group_members (user_group, user)"
    " SELECT g.id, u.id FROM backup.group_members m"
    " JOIN backup.user_groups bg ON bg.id = m.user_group JOIN main.user_groups g ON g.name = bg.name"
    " JOIN backup.users bu ON bu.id = m.user JOIN main.users u ON u.name = bu.name",
    "INSERT INTO main.group_shares (container, user_group, expires_at)"
    " SELECT c.id, g.id, s.expires_at FROM backup.group_shares s"
    " JOIN backup.user_groups bg ON bg.id = s.user_group JOIN main.user_groups g ON g.name = bg.name"
    " JOIN backup.containers bc ON bc.id = s.container JOIN backup.users bo ON bo.id = bc.owner"
    " JOIN main.users o ON o.name = bo.name JOIN main.containers c ON c.owner = o.id AND c.name = bc.name",
    "INSERT INTO main.host_keys (backend, address, port, blob, origin, first_seen_at)"
    " SELECT b.id, h.address, h.port, h.blob, h.origin, h.first_seen_at FROM backup.host_keys h"
    " JOIN backup.backends bb ON bb.id = h.backend JOIN main.backends b ON b.name = bb.name",

    // Those that were open then are known here, or were another machine's, and how they ended nobody knows.
    "INSERT INTO main.sessions (login, user, from_host, key_fingerprint, container, route, opened_at, closed_at,"
    " bytes_from_user, bytes_from_container, reason, server)"
    " SELECT login, user, from_host, key_fingerprint, container, route, opened_at, closed_at,"
    " bytes_from_user, bytes_from_container, reason, server FROM backup.sessions WHERE closed_at IS NOT NULL"
    " ORDER BY id ON CONFLICT (login) DO NOTHING",
    "INSERT INTO main.audit (at, actor, action, subject, outcome, key_fingerprint, from_host, session, detail)"
    " SELECT at, actor, action, subject, outcome, key_fingerprint, from_host, session, detail FROM backup.audit b"
    " WHERE NOT EXISTS ("
    " SELECT 1 FROM main.audit a WHERE a.at = b.at AND a.actor = b.actor AND a.action = b.action"
    " AND a.subject = b.subject AND a.outcome = b.outcome AND a.key_fingerprint = b.key_fingerprint"
    " AND a.from_host = b.from_host AND a.session = b.session AND a.detail = b.detail) ORDER BY id",
};

constexpr const char* kColumnsThatDiffer =
    "SELECT name FROM ("
    " SELECT t.name, p.name AS column, p.type, p.\"notnull\", p.pk"
    " FROM main.sqlite_schema t, pragma_table_info(t.name, 'main') p WHERE t.type = 'table'"
    " EXCEPT"
    " SELECT t.name, p.name, p.type, p.\"notnull\", p.pk"
    " FROM backup.sqlite_schema t, pragma_table_info(t.name, 'backup') p WHERE t.type = 'table') LIMIT 1";

std::string read_name(const Row& row) { return row.text(0); }

// What is no database of ours gets no further than this.
Result<> copy_checked(const fs::path& backup, const fs::path& copy) {
  auto source = Database::look_into(backup);
  if (!source) return std::unexpected(source.error());
  const auto version = source->version();
  if (!version) return std::unexpected(version.error());
  if (*version == 0) return fail("no bastion has written this");
  if (auto whole = source->check_integrity(); !whole) return whole;
  return Statement(*source, "VACUUM INTO ?").run({copy.string()});
}

}  // namespace

Result<Inventory> take_inventory(Database& database) {
  const auto found = Statement(database,
                               "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_keys),"
                               " (SELECT count(*) FROM backends), (SELECT count(*) FROM containers),"
                               " (SELECT max(at) FROM audit)")
                         .first(
                             [](const Row& row) {
                               return Inventory{.users = row.number(0),
                                                .keys = row.number(1),
                                                .backends = row.number(2),
                                                .containers = row.number(3),
                                                .last_entry_at = row.optional_number(4)};
                             },
                             {});
  if (!found) return std::unexpected(found.error());
  return found->value_or(Inventory{});
}

Restoration::Restoration(Database& database, fs::path copy) : database_(database), copy_(std::move(copy)) {}

Restoration::~Restoration() {
  std::ignore = database_.run("DETACH backup");
  for (const auto* const side : {"", "-wal", "-shm"}) ::unlink((copy_.string() + side).c_str());
}

Result<std::unique_ptr<Restoration>> Restoration::prepare(Database& database, const fs::path& backup) {
  auto copy = make_file_beside(database.file());
  if (!copy) return std::unexpected(std::move(copy.error()));
  std::unique_ptr<Restoration> restoration(new Restoration(database, *std::move(copy)));
  std::error_code error;
  const auto from = fs::absolute(backup, error);
  const auto fit = error ? fail("{}", error.message()) : restoration->look_at(from);
  if (!fit) return fail("{}: {}", backup.string(), fit.error().text);
  return restoration;
}

Result<> Restoration::look_at(const fs::path& backup) {
  if (auto copied = copy_checked(backup, copy_); !copied) return copied;
  {
    auto current = Database::open(copy_, Database::Access::change);
    if (!current) return std::unexpected(current.error());
    const auto counted = take_inventory(*current);
    if (!counted) return std::unexpected(counted.error());
    inventory_ = *counted;
  }
  if (auto attached = Statement(database_, "ATTACH ? AS backup").run({copy_.string()}); !attached) return attached;
  const auto differing = Statement(database_, kColumnsThatDiffer).first(read_name, {});
  if (!differing) return std::unexpected(differing.error());
  if (*differing) return fail("no bastion has written this: its table {} is another one", **differing);
  return {};
}

Result<> Restoration::run() {
  for (const auto* const step : kSteps) {
    if (auto done = Statement(database_, step).run({}); !done) return done;
  }
  return {};
}

}  // namespace bastion::store
