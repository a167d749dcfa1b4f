// A table at a terminal that is narrower than it is. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bastion::admin {

using TextRows = std::vector<std::vector<std::string>>;

struct Fitted {
  TextRows rows;
  std::vector<std::size_t> widths;    // of the columns, at least
  std::vector<std::size_t> left_out;  // the numbers of the columns for which there is no room
};

// What stands further left is needed more. Each column in turn gets what it needs, or, where that much is not left but
// something is, its cells are cut; for the rest there is no room. `columns` is how wide the terminal is, 0 endlessly.
[[nodiscard]] Fitted fit(const TextRows& rows, const std::vector<std::size_t>& widths, std::size_t columns);

}  // namespace bastion::admin
