#include "store/audit.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_entry() reads.
std::string select_audit(std::string_view which) {
  return fmt::format(
      "SELECT at, actor, action, subject, outcome, key_fingerprint, from_host, session, id, detail FROM audit {}",
      which);
}

AuditEntry read_entry(const Row& row) {
  return {.at = row.number(0),
          .actor = row.text(1),
          .action = row.text(2),
          .subject = row.text(3),
          .outcome = row.text(4),
          .key_fingerprint = row.text(5),
          .from_host = row.text(6),
          .session = row.text(7),
          .detail = row.text(9),
          .id = row.number(8)};
}

}  // namespace

Audit::Audit(Database& database)
    : add_(database,
           "INSERT INTO audit (at, actor, action, subject, outcome, key_fingerprint, from_host, session, detail)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"),
      chain_(database),
      latest_(database, select_audit("WHERE at >= ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?")),
      latest_of_(database,
                 select_audit("WHERE actor = ? AND at >= ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?")),
      place_of_(database, "SELECT at, id FROM audit WHERE id = ?"),
      after_(database, select_audit("WHERE id > ? ORDER BY id LIMIT ?")),
      after_of_(database, select_audit("WHERE id > ?2 AND +actor = ?1 ORDER BY id LIMIT ?3")),
      last_(database, "SELECT coalesce(max(id), 0) FROM audit") {}

Result<> Audit::add(const AuditEntry& entry) {
  const auto id = add_.first([](const Row& row) { return row.number(0); },
                             {entry.at, entry.actor, entry.action, entry.subject, entry.outcome, entry.key_fingerprint,
                              entry.from_host, entry.session, entry.detail});
  if (!id) return std::unexpected(id.error());
  auto added = entry;
  added.id = id->value_or(0);
  return chain_.extend_by(added);
}

Result<std::vector<AuditEntry>> Audit::latest(int limit, std::int64_t since, const AuditPlace& before) {
  return latest_.all(read_entry, {since, before.at, before.id, limit});
}

Result<std::vector<AuditEntry>> Audit::latest_of(std::string_view actor, int limit, std::int64_t since,
                                                 const AuditPlace& before) {
  return latest_of_.all(read_entry, {actor, since, before.at, before.id, limit});
}

Result<std::vector<AuditEntry>> Audit::after(std::int64_t id, int limit) { return after_.all(read_entry, {id, limit}); }

Result<std::vector<AuditEntry>> Audit::after(std::string_view actor, std::int64_t id, int limit) {
  return after_of_.all(read_entry, {actor, id, limit});
}

Result<AuditPlace> Audit::place_of(std::int64_t id) {
  const auto found = place_of_.first([](const Row& row) { return AuditPlace{row.number(0), row.number(1)}; }, {id});
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail("there is no row {} in the audit", id);
  return **found;
}

Result<std::int64_t> Audit::last() {
  const auto found = last_.first([](const Row& row) { return row.number(0); }, {});
  if (!found) return std::unexpected(found.error());
  return found->value_or(0);
}

}  // namespace bastion::store
