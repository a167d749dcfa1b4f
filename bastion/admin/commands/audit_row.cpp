#include "bastion/admin/commands/audit_row.h"

#include "store/audit.h"

namespace bastion::admin {

Result<> write_audit(Context& context, std::string_view action, const std::string& subject, std::string_view outcome) {
  return store::Audit(context.database)
      .add({.at = context.now,
            .actor = context.actor,
            .action = std::string(action),
            .subject = subject,
            .outcome = std::string(outcome),
            .key_fingerprint = context.key_fingerprint,
            .from_host = context.from_host});
}

}  // namespace bastion::admin
