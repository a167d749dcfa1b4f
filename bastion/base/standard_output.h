// What a command of this program prints. A disk may be full behind it: fmt::print() would throw then.
#pragma once

#include <string_view>

#include "bastion/base/result.h"

namespace bastion {

// To standard output, all of it at once.
[[nodiscard]] Result<> write_out(std::string_view text);
// To standard error. When that fails, nobody can be told.
void write_err(std::string_view text);

}  // namespace bastion
