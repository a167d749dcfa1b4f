// Which accounts a CA lets in, by their role. Pure.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "store/cas.h"
#include "store/users.h"

namespace bastion::access {

// Roles with commas between them, each once, in the order of the type: as store::Ca has them. The error says what would
// be right.
[[nodiscard]] Result<std::string> parse_ca_roles(std::string_view text);
// Of a text that another release has written and this one cannot read, none.
[[nodiscard]] bool admits(const store::Ca& ca, store::Role role);
// How it is shown: `every`, where nothing is said.
[[nodiscard]] std::string shown_roles(const std::string& roles);

}  // namespace bastion::access
