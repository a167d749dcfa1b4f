// Who may give a command, by the table of commands. Pure.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// `administrators`, `operators and administrators`: everybody who may what this role may at least.
[[nodiscard]] std::string_view who_may(store::Role least);

// Whether somebody with this role may give this command with these arguments; the error is the sentence for them.
[[nodiscard]] Result<> must_have_right(const Command& command, const Arguments& arguments, store::Role role);

}  // namespace bastion::admin
