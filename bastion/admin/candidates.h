// What Tab lists, side by side. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bastion::admin {

// As `ls` does it: in columns of one width, read downwards, no row wider than `columns`; what is wider stands alone.
// Ends with a line feed.
[[nodiscard]] std::string side_by_side(const std::vector<std::string>& words, std::size_t columns);

}  // namespace bastion::admin
