#include "bastion/admin/grammar/fit.h"

#include <algorithm>

#include "bastion/admin/grammar/characters.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kGap = 2;
// A cell that is cut to less tells nothing.
constexpr std::size_t kLeastRoom = 12;

std::size_t width_of_column(const TextRows& rows, std::size_t column) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, width_of(row[column]));
  return width;
}

}  // namespace

Fitted fit(const TextRows& rows, const std::vector<std::size_t>& widths, std::size_t columns) {
  if (columns == 0 || rows.empty()) return {rows, widths, {}};
  Fitted fitted{TextRows(rows.size()), {}, {}};
  std::size_t used = 0;
  for (std::size_t column = 0; column < rows.front().size(); ++column) {
    const auto begin = fitted.widths.empty() ? 0 : used + kGap;
    const auto room = columns - std::min(columns, begin);
    const auto least = column < widths.size() ? widths[column] : 0;
    const auto width = std::max(least, width_of_column(rows, column));
    if (width > room && room < kLeastRoom && !fitted.widths.empty()) {
      fitted.left_out.push_back(column);
      continue;
    }
    fitted.widths.push_back(std::min(width, room));
    used = begin + fitted.widths.back();
    for (std::size_t i = 0; i < rows.size(); ++i) fitted.rows[i].push_back(cut(rows[i][column], room));
  }
  return fitted;
}

}  // namespace bastion::admin
