#include "store/audit.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_entry() reads.
std::string select(std::string_view which) {
  return fmt::format("SELECT at, actor, action, subject, outcome, key_fingerprint, from_host FROM audit {}", which);
}

AuditEntry read_entry(const Row& row) {
  return {.at = row.number(0),
          .actor = row.text(1),
          .action = row.text(2),
          .subject = row.text(3),
          .outcome = row.text(4),
          .key_fingerprint = row.text(5),
          .from_host = row.text(6)};
}

}  // namespace

Audit::Audit(Database& database)
    : add_(database,
           "INSERT INTO audit (at, actor, action, subject, outcome, key_fingerprint, from_host)"
           " VALUES (?, ?, ?, ?, ?, ?, ?)"),
      latest_(database, select("WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?")),
      latest_of_(database, select("WHERE actor = ? AND at >= ? ORDER BY at DESC, id DESC LIMIT ?")) {}

Result<> Audit::add(const AuditEntry& entry) {
  return add_.run(
      {entry.at, entry.actor, entry.action, entry.subject, entry.outcome, entry.key_fingerprint, entry.from_host});
}

Result<std::vector<AuditEntry>> Audit::latest(int limit, std::int64_t since) {
  return latest_.all(read_entry, {since, limit});
}

Result<std::vector<AuditEntry>> Audit::latest_of(std::string_view actor, int limit, std::int64_t since) {
  return latest_of_.all(read_entry, {actor, since, limit});
}

}  // namespace bastion::store
