// A KEY argument of somebody who sits on another machine: `-` for standard input, or the key itself. Never a file: it
// would be one of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

// Nothing for `input`: standard input is taken by something else.
[[nodiscard]] Result<std::string> read_remote_key(std::string_view argument, const std::optional<std::string>& input);

}  // namespace bastion::admin
