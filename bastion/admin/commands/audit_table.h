// Rows of the audit as people and programs read them.
#pragma once

#include <string>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "store/audit.h"
#include "store/audit_chain.h"
#include "store/fleet/records.h"

namespace bastion::admin {

[[nodiscard]] Table audit_table(const std::vector<store::AuditEntry>& entries);
// With the bastion of each.
[[nodiscard]] Table audit_table_of_fleet(const std::vector<store::fleet::NodeEntry>& rows);

// A document on a line for each, as `audit list --follow --json` has them, and with `link`: that of the chain, in
// hexadecimal digits.
[[nodiscard]] std::string audit_lines(const std::vector<store::LinkedEntry>& entries);

}  // namespace bastion::admin
