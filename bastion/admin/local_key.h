// A KEY argument of somebody who sits on this machine: a file, or the key itself.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

// The text; whether it is a key is for others to say.
[[nodiscard]] Result<std::string> read_local_key(std::string_view argument);

}  // namespace bastion::admin
