// Backends that serve groups only: what commands say of it.
#pragma once

#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/backends.h"
#include "store/users.h"

namespace bastion::admin {

// Writes what --groups says, if it is given. Returns what is to be said of containers that nobody gets into from then
// on; empty where there are none.
[[nodiscard]] Result<std::string> set_groups(Context& context, const Arguments& arguments,
                                             const store::Backend& backend);
// The groups in a cell; null where it serves everybody.
[[nodiscard]] Result<Cell> groups_cell(Context& context, const store::Backend& backend);
// That containers of this owner may be put there; the error says why not.
[[nodiscard]] Result<> must_serve(Context& context, const store::Backend& backend, const store::User& owner);
// `; groups ops,dev`, where --groups is given, for the audit.
[[nodiscard]] std::string groups_in_audit(const Arguments& arguments);

}  // namespace bastion::admin
