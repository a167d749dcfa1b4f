#include "bastion/admin/commands/audit_row.h"

namespace bastion::admin {

store::AuditEntry audit_row(const Context& context, std::string_view action, const std::string& subject,
                            std::string_view outcome) {
  return {.at = context.now,
          .actor = context.actor,
          .action = std::string(action),
          .subject = subject,
          .outcome = std::string(outcome),
          .key_fingerprint = context.key_fingerprint,
          .from_host = context.from_host};
}

Result<> write_audit(Context& context, std::string_view action, const std::string& subject, std::string_view outcome) {
  return store::Audit(context.database).add(audit_row(context, action, subject, outcome));
}

}  // namespace bastion::admin
