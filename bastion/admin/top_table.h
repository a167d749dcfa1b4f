// A table of a screen: columns are narrowed, and the least needed ones left out, until it is no wider than that. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/top_text.h"

namespace bastion::admin {

// How something looks: the 16 colours that a terminal's owner has chosen, and never one behind the text.
enum class Shade : std::uint8_t { plain, good, doubtful, bad, dim, strong };

// The same text so shaded; as it is where nothing is to be coloured.
[[nodiscard]] std::string shaded(const std::string& text, Shade shade, bool coloured);

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

// Its lines, the titles first, each exactly so wide as it has to be. Those of the rows have two columns in front, for a
// mark.
struct TopLines {
  std::string titles;
  std::vector<std::string> rows;
};
[[nodiscard]] TopLines lines_of(const TopTable& table, std::size_t columns, Glyphs glyphs, bool coloured);

}  // namespace bastion::admin
