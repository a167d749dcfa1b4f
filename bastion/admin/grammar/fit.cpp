#include "bastion/admin/grammar/fit.h"

#include <algorithm>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kGap = 2;
// A cell that is cut to less tells nothing.
constexpr std::size_t kLeastRoom = 12;
// More than a timestamp or a name: text, whose beginning tells something too.
constexpr std::size_t kWide = 24;

std::size_t width_of_column(const TextRows& rows, std::size_t column) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, width_of(row[column]));
  return width;
}

// What is left out is left out visibly.
std::string cut(const std::string& text, std::size_t columns) {
  if (width_of(text) <= columns) return text;
  return std::string(fitting(text, columns - std::min<std::size_t>(columns, 1))) + "…";
}

// How wide each column becomes; 0: there is no room for it.
std::vector<std::size_t> shared_out(const std::vector<std::size_t>& wanted, const std::vector<std::size_t>& order,
                                    std::size_t columns) {
  std::vector<std::size_t> given(wanted.size(), 0);
  std::size_t used = 0;
  for (const auto column : order) {
    const auto gap = used == 0 ? 0 : kGap;
    const auto room = columns - std::min(columns, used + gap);
    const auto least = wanted[column] > kWide ? kLeastRoom : wanted[column];
    if (least > room && room < kLeastRoom && used > 0) continue;
    given[column] = std::max<std::size_t>(1, std::min(least, room));
    used += gap + given[column];
  }
  for (const auto column : order) {
    if (given[column] == 0) continue;
    const auto more =
        std::min(columns - std::min(columns, used), wanted[column] - std::min(wanted[column], given[column]));
    given[column] += more;
    used += more;
  }
  return given;
}

}  // namespace

Fitted fit(const TextRows& rows, const std::vector<std::size_t>& widths, std::size_t columns,
           std::vector<std::size_t> needed) {
  if (columns == 0 || rows.empty()) return {rows, widths, {}};
  std::vector<std::size_t> wanted;
  for (std::size_t column = 0; column < rows.front().size(); ++column) {
    const auto least = column < widths.size() ? widths[column] : 0;
    wanted.push_back(std::max({least, width_of_column(rows, column), std::size_t{1}}));
    if (std::ranges::find(needed, column) == needed.end()) needed.push_back(column);
  }
  const auto given = shared_out(wanted, needed, columns);
  Fitted fitted{TextRows(rows.size()), {}, {}};
  for (std::size_t column = 0; column < given.size(); ++column) {
    if (given[column] == 0) {
      fitted.left_out.push_back(column);
      continue;
    }
    fitted.widths.push_back(given[column]);
    for (std::size_t i = 0; i < rows.size(); ++i) fitted.rows[i].push_back(cut(rows[i][column], given[column]));
  }
  return fitted;
}

}  // namespace bastion::admin
