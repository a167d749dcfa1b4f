// The rows of the table that everybody may give, each about themselves (grammar/own.h).
#pragma once

#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

[[nodiscard]] std::vector<Command> own_rows();

}  // namespace bastion::admin
