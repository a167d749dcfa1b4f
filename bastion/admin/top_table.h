// A table of a screen: columns are narrowed, and the least needed ones left out, until it is no wider than that. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/top_look.h"

namespace bastion::admin {

struct TopColumn {
  std::string title;
  int rank = 0;           // the one with the highest goes first when there is no room
  std::size_t least = 4;  // it is not made narrower
  bool right = false;     // numbers
};
struct TopCell {
  std::string text;  // from anywhere
  Shade shade = Shade::plain;
};
struct TopTable {
  std::vector<TopColumn> columns;
  std::vector<std::vector<TopCell>> rows;
};

// Its lines, with two columns in front for a mark. The titles are as wide as the screen, and so is the row that is
// chosen, which is shaded as a whole; the others are so wide as they have to be.
struct TopLines {
  std::string titles;
  std::vector<std::string> rows;
};
// What stands in front of a row: nothing, that it is the chosen one, or that the table goes on there.
struct TopMarks {
  std::optional<std::size_t> chosen;
  bool goes_on_above = false;
  bool goes_on_below = false;
};
[[nodiscard]] TopLines lines_of(const TopTable& table, std::size_t columns, TopLook look, const TopMarks& marks);

}  // namespace bastion::admin
