// What can be said, from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// `user add NAME [--role ROLE] [--key KEY]…`
[[nodiscard]] std::string usage_of(const Command& command);
// Every command whose words begin with `words`, one line each.
[[nodiscard]] std::string overview(std::string_view words);
// One command with its words and options.
[[nodiscard]] std::string help_of(const Command& command);
// All of it in markdown, for docs/ADMIN.md.
[[nodiscard]] std::string reference();
// And for bastion-admin(7).
[[nodiscard]] std::string manual();

}  // namespace bastion::admin
