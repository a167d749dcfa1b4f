// The row that a command leaves in the audit.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/command.h"

namespace bastion::admin {

// `action` is the command's words, `subject` what it was done to. Call inside the transaction of the change.
[[nodiscard]] Result<> write_audit(Context& context, std::string_view action, const std::string& subject);

}  // namespace bastion::admin
