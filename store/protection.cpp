#include "store/protection.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "store/database.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

// Each gives what it is about, and the rest as one text. `p` is somebody who has a role.
constexpr std::array kFixed{
    "SELECT 'user ' || name, id || ' ' || role || ' ' || duty || ' ' || quote(disabled_at) || ' ' || quote(options) ||"
    " ' ' || quote(idle_timeout) || ' ' || quote(max_session) || ' ' || quote(max_sessions) || ' ' || quote(max_logins)"
    " || ' ' || quote(max_rekeys) || ' ' || quote(max_bytes) || ' ' || quote(auth) || ' ' || sftp || ' ' || record"
    " FROM users WHERE role = 'admin' OR duty <> ''",
    "SELECT 'the keys of ' || p.name, quote(k.blob) || ' ' || quote(k.options) || ' ' || quote(k.expires_at) || ' ' ||"
    " quote(k.comment) FROM users p JOIN user_keys k ON k.user = p.id WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the one-time codes of ' || p.name, t.id || ' ' || quote(t.secret)"
    " FROM users p JOIN totp t ON t.user = p.id WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the recovery codes of ' || p.name, quote(r.hash) || ' ' || quote(r.used_at)"
    " FROM users p JOIN recovery_codes r ON r.user = p.id WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the password of ' || p.name, w.id || ' ' || quote(w.hash) || ' ' || w.must_change"
    " FROM users p JOIN passwords w ON w.user = p.id WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the sign-ons of ' || p.name, s.id || ' ' || quote(s.key) FROM users p JOIN sign_ons s ON s.user = p.id"
    " WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the invitation of ' || p.name, quote(i.hash) || ' ' || i.expires_at"
    " FROM users p JOIN invitations i ON i.user = p.id WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the groups of ' || p.name, m.user_group || ' ' || g.sftp FROM users p"
    " JOIN group_members m ON m.user = p.id JOIN user_groups g ON g.id = m.user_group WHERE p.role = 'admin' OR p.duty "
    "<> ''",
    "SELECT 'container ' || p.name || '/' || c.name, c.id || ' ' || c.backend || ' ' || quote(c.address) || ' ' ||"
    " c.port || ' ' || c.reach || ' ' || quote(c.login) || ' ' || c.is_default || ' ' || c.legacy || ' ' || c.identity"
    " || ' ' || c.wake || ' ' || c.sftp || ' ' || c.record FROM users p JOIN containers c ON c.owner = p.id WHERE "
    "p.role = 'admin' OR "
    "p.duty <> ''",
    "SELECT DISTINCT 'the host keys of ' || p.name || '/' || c.name, quote(h.blob) || ' ' || h.origin"
    " FROM users p JOIN containers c ON c.owner = p.id JOIN host_keys h ON h.backend = c.backend"
    " AND h.address = c.address AND h.port = c.port WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the host keys of backend ' || b.name, quote(h.blob) || ' ' || h.origin FROM backends b"
    " JOIN host_keys h ON h.backend = b.id WHERE h.address IS NULL",
    "SELECT 'backend ' || b.name, g.user_group FROM backends b JOIN backend_groups g ON g.backend = b.id",
    "SELECT 'what is recorded of group ' || name, record FROM user_groups WHERE record <> ''",
    "SELECT 'CA ' || name, quote(blob) || ' ' || quote(principals) || ' ' || quote(roles) FROM cas",
    "SELECT 'a CA for host keys', quote(blob) || ' ' || quote(hosts) FROM host_cas",
};

constexpr std::array kAtMost{
    // Another account there is another way into the same machine.
    "SELECT DISTINCT 'the machine of ' || p.name || '/' || c.name, o.id || ' ' || quote(o.login) || ' ' || o.port"
    " FROM users p JOIN containers c ON c.owner = p.id JOIN containers o ON o.backend = c.backend"
    " AND o.address = c.address AND o.owner <> c.owner WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the shares of ' || p.name || '/' || c.name, s.user || ' ' || quote(s.expires_at)"
    " FROM users p JOIN containers c ON c.owner = p.id JOIN shares s ON s.container = c.id"
    " WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT 'the shares of ' || p.name || '/' || c.name, 'group ' || s.user_group || ' ' || quote(s.expires_at)"
    " FROM users p JOIN containers c ON c.owner = p.id JOIN group_shares s ON s.container = c.id"
    " WHERE p.role = 'admin' OR p.duty <> ''",
    "SELECT DISTINCT 'who is in group ' || g.name || ', with which ' || p.name || '/' || c.name || ' is shared', m.user"
    " FROM users p JOIN containers c ON c.owner = p.id JOIN group_shares s ON s.container = c.id"
    " JOIN user_groups g ON g.id = s.user_group JOIN group_members m ON m.user_group = g.id"
    " WHERE p.role = 'admin' OR p.duty <> ''",
};

}  // namespace

Result<Protection> Protection::read(Database& database) {
  Protection protection;
  const auto take = [&](const char* sql, std::vector<Fact>& into) -> Result<> {
    auto found = Statement(database, sql).all([](const Row& row) { return Fact{row.text(0), row.text(1)}; }, {});
    if (!found) return std::unexpected(std::move(found.error()));
    into.insert(into.end(), std::make_move_iterator(found->begin()), std::make_move_iterator(found->end()));
    return {};
  };
  for (const auto* const sql : kFixed) {
    if (auto taken = take(sql, protection.fixed_); !taken) return std::unexpected(std::move(taken.error()));
  }
  for (const auto* const sql : kAtMost) {
    if (auto taken = take(sql, protection.at_most_); !taken) return std::unexpected(std::move(taken.error()));
  }
  std::ranges::sort(protection.fixed_);
  std::ranges::sort(protection.at_most_);
  return protection;
}

std::optional<std::string> Protection::changed_since(const Protection& before) const {
  std::vector<Fact> differing;
  std::ranges::set_symmetric_difference(fixed_, before.fixed_, std::back_inserter(differing));
  std::ranges::set_difference(at_most_, before.at_most_, std::back_inserter(differing));
  return differing.empty() ? std::nullopt : std::optional(differing.front().about);
}

}  // namespace bastion::store
