#include "store/audit.h"

namespace bastion::store {

Audit::Audit(Database& database)
    : add_(database,
           "INSERT INTO audit (at, actor, action, subject, outcome, key_fingerprint, from_host)"
           " VALUES (?, ?, ?, ?, ?, ?, ?)"),
      latest_(database,
              "SELECT at, actor, action, subject, outcome, key_fingerprint, from_host"
              " FROM audit ORDER BY id DESC LIMIT ?") {}

Result<> Audit::add(const AuditEntry& entry) {
  return add_.run(
      {entry.at, entry.actor, entry.action, entry.subject, entry.outcome, entry.key_fingerprint, entry.from_host});
}

Result<std::vector<AuditEntry>> Audit::latest(int limit) {
  return latest_.all(
      [](const Row& row) {
        return AuditEntry{.at = row.number(0),
                          .actor = row.text(1),
                          .action = row.text(2),
                          .subject = row.text(3),
                          .outcome = row.text(4),
                          .key_fingerprint = row.text(5),
                          .from_host = row.text(6)};
      },
      {limit});
}

}  // namespace bastion::store
