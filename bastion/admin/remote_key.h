// A KEY argument of somebody who sits on another machine: the key itself. Never a file: it would be one of ours.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

[[nodiscard]] Result<std::string> read_remote_key(std::string_view argument);

}  // namespace bastion::admin
