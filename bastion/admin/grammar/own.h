// `me`: what everybody may do about themselves, in the same table of commands. Its rows name no user: whose things they
// are about is who gives them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

inline constexpr std::string_view kOwnGroup = "me";

[[nodiscard]] bool is_own(const Command& command);

// What is typed where there are such commands only, as the table has it: `key list` is `me key list`, and so is
// `me key list`. `help key` is `help me key`. Nothing is `me`.
[[nodiscard]] std::vector<std::string> own_words(std::vector<std::string> words);

// Whether users may do this: one of these names, with commas between them (`me` in bastion.toml).
[[nodiscard]] bool is_open(std::string_view names, std::string_view name);

// Whether it may be given at all, by somebody who has come in and on this bastion; the error is the sentence for them.
// Of every other command it says nothing.
[[nodiscard]] Result<> must_be_open(const Command& command, const Context& context);

}  // namespace bastion::admin
