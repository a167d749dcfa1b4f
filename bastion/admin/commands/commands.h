// The table of commands: parsing, help, completion, docs/ADMIN.md and who may run what all come from it.
#pragma once

#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// All commands, in the order in which help lists them.
[[nodiscard]] const std::vector<Command>& commands();

}  // namespace bastion::admin
