// The row that a command leaves in the audit.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/command.h"
#include "store/audit.h"

namespace bastion::admin {

inline constexpr std::string_view kDone = "done";
inline constexpr std::string_view kRefused = "refused";
// It was only to be seen what it would do.
inline constexpr std::string_view kTried = "tried";

// `action` is the command's words, `subject` what it was done to.
[[nodiscard]] store::AuditEntry audit_row(const Context& context, std::string_view action, const std::string& subject,
                                          std::string_view outcome);

// Writes it. Of a change, call inside its transaction.
[[nodiscard]] Result<> write_audit(Context& context, std::string_view action, const std::string& subject,
                                   std::string_view outcome = kDone);

}  // namespace bastion::admin
