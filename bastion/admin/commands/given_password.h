// Passwords that administrators give: read or made, and hashed, before the change begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/admin/grammar/new_password.h"

namespace bastion::admin {

// Behind `--password -`; nothing without it.
[[nodiscard]] Result<std::optional<NewPassword>> typed_password(const Context& context, const Arguments& arguments);
// The one of `password set`: behind -, or made.
[[nodiscard]] Result<std::optional<NewPassword>> typed_or_made_password(const Context& context,
                                                                        const Arguments& arguments);

// Whether it may be one is asked before. It takes its time (password_hash.h).
[[nodiscard]] Result<NewPassword> hashed_password(std::string text);

// In the place of the one before. With `keeps`, it need not be changed at the first login.
[[nodiscard]] Result<> store_password(Context& context, std::int64_t user, const NewPassword& password, bool keeps);

}  // namespace bastion::admin
