// What can be said, from the table of commands: to each what their role may give.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// `user add NAME [--role ROLE] [--key KEY]…`
[[nodiscard]] std::string usage_of(const Command& command, store::Role role);
// Every command whose words begin with `words`, one line each; where none of them is theirs, whose they are. Empty
// where there is none.
[[nodiscard]] std::string overview(std::string_view words, store::Role role);
// The same, each with what it does.
[[nodiscard]] std::string explained(std::string_view words, store::Role role);
// Of what users do themselves, the commands that `open` (the names in bastion.toml's `me`) leaves out, in one line, or
// empty.
[[nodiscard]] std::string switched_off(std::string_view open);
// One command with its words and options, and for whom it is: whoever asks for it by name is told, whatever their role.
[[nodiscard]] std::string help_of(const Command& command, store::Role role);
// All of it in markdown, for docs/ADMIN.md.
[[nodiscard]] std::string reference();
// And for bastion-admin(7).
[[nodiscard]] std::string manual();

}  // namespace bastion::admin
