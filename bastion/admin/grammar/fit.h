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

// The columns get their room in the order of `needed`, by their numbers, and those that are not in it behind them from
// the left. Each gets what it needs; a wide one has its cells cut while narrow ones want to be seen too, and the last
// one for which there is some room but not enough. For the rest there is none. `columns` is how wide the terminal is, 0
// endlessly.
[[nodiscard]] Fitted fit(const TextRows& rows, const std::vector<std::size_t>& widths, std::size_t columns,
                         std::vector<std::size_t> needed = {});

}  // namespace bastion::admin
