// The commands that change nothing, by their words: as the audit has them.
#pragma once

#include <string>
#include <vector>

namespace bastion::admin {

[[nodiscard]] std::vector<std::string> reading_commands();

}  // namespace bastion::admin
