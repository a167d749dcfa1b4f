#include "bastion/admin/top_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "bastion/admin/top_text.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kBetween = 2;
constexpr std::size_t kMarkWidth = 2;

struct Layout {
  std::vector<std::size_t> shown;   // columns, from left to right
  std::vector<std::size_t> widths;  // of these
};

std::size_t total(const Layout& layout) {
  return kMarkWidth + std::accumulate(layout.widths.begin(), layout.widths.end(), std::size_t{0}) +
         kBetween * (layout.widths.empty() ? 0 : layout.widths.size() - 1);
}

Layout natural(const TopTable& table, Glyphs glyphs) {
  Layout layout;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    auto width = width_of(table.columns[i].title);
    for (const auto& row : table.rows) {
      width = std::max(width, width_of(cell_text_within(row[i].text, std::string::npos, glyphs)));
    }
    layout.shown.push_back(i);
    layout.widths.push_back(width);
  }
  return layout;
}

// The widest one that may be narrower, by as much as is needed, or down to the next one.
bool narrow(Layout& layout, const TopTable& table, std::size_t too_much) {
  std::size_t widest = layout.shown.size();
  for (std::size_t i = 0; i < layout.shown.size(); ++i) {
    const bool may = layout.widths[i] > table.columns[layout.shown[i]].least;
    if (may && (widest == layout.shown.size() || layout.widths[i] > layout.widths[widest])) widest = i;
  }
  if (widest == layout.shown.size()) return false;
  std::size_t next = table.columns[layout.shown[widest]].least;
  for (std::size_t i = 0; i < layout.shown.size(); ++i) {
    if (i != widest && layout.widths[i] < layout.widths[widest]) next = std::max(next, layout.widths[i]);
  }
  auto& width = layout.widths[widest];
  width -= std::min({too_much, std::max<std::size_t>(width - next, 1), width - 1});
  return true;
}

// Of those that are needed least the one on the right.
void leave_out_one(Layout& layout, const TopTable& table) {
  const auto rank = [&](std::size_t i) { return table.columns[layout.shown[i]].rank; };
  std::size_t least = 0;
  for (std::size_t i = 1; i < layout.shown.size(); ++i) {
    if (rank(i) >= rank(least)) least = i;
  }
  layout.shown.erase(layout.shown.begin() + static_cast<std::ptrdiff_t>(least));
  layout.widths.erase(layout.widths.begin() + static_cast<std::ptrdiff_t>(least));
}

// Columns are narrowed before any is left out, and have their room back afterwards.
Layout layout_of(const TopTable& table, std::size_t columns, Glyphs glyphs) {
  auto whole = natural(table, glyphs);
  while (true) {
    auto layout = whole;
    while (total(layout) > columns && narrow(layout, table, total(layout) - columns)) {
    }
    if (total(layout) <= columns || whole.shown.size() <= 1) return layout;
    leave_out_one(whole, table);
  }
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const auto used = width_of(text);
  const std::string room(width > used ? width - used : 0, ' ');
  return right ? room + text : text + room;
}

std::string cells_of(const std::vector<TopCell>& row, const TopTable& table, const Layout& layout, TopLook look,
                     bool shades) {
  std::string line;
  for (std::size_t i = 0; i < layout.shown.size(); ++i) {
    const auto& cell = row[layout.shown[i]];
    const auto text = padded(cell_text_within(cell.text, layout.widths[i], look.glyphs), layout.widths[i],
                             table.columns[layout.shown[i]].right);
    if (i > 0) line.append(kBetween, ' ');
    line += shades ? shaded(text, cell.shade, look.coloured) : text;
  }
  return line;
}

}  // namespace

TopLines lines_of(const TopTable& table, std::size_t columns, TopLook look, const TopMarks& marks) {
  const auto layout = layout_of(table, columns, look.glyphs);
  std::vector<TopCell> titles;
  for (const auto& column : table.columns) titles.push_back({.text = column.title});
  TopLines lines{.titles = padded("  " + cells_of(titles, table, layout, look, false), columns, false), .rows = {}};
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i == marks.chosen) {
      const auto text = padded("> " + cells_of(table.rows[i], table, layout, look, false), columns, false);
      lines.rows.push_back(shaded(text, Shade::reverse, look.coloured));
      continue;
    }
    const bool goes_on = (i == 0 && marks.goes_on_above) || (i + 1 == table.rows.size() && marks.goes_on_below);
    lines.rows.push_back((goes_on ? "+ " : "  ") + cells_of(table.rows[i], table, layout, look, true));
  }
  return lines;
}

}  // namespace bastion::admin
