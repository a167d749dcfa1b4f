#include "bastion/admin/grammar/fold.h"

#include <algorithm>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

std::size_t indent_of(std::string_view line, std::size_t columns) {
  const auto first = std::min(line.find_first_not_of(' '), line.size());
  const auto gap = line.find("  ", first);
  const auto second = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  const auto indent = second == std::string_view::npos ? first + 4 : width_of(line.substr(0, second));
  return indent <= columns / 2 ? indent : first + 4;
}

std::string folded_line(std::string_view line, std::size_t columns) {
  if (width_of(line) <= columns) return std::string(line);
  const std::string indent(indent_of(line, columns), ' ');
  const auto begin = std::min(line.find_first_not_of(' '), line.size());
  std::string text{line.substr(0, begin)};
  std::size_t used = begin;
  bool begins = true;
  std::string_view gap;
  for (line.remove_prefix(begin); !line.empty();) {
    const auto word = line.substr(0, line.find(' '));
    if (!begins && used + gap.size() + width_of(word) > columns) {
      text += "\n" + indent;
      used = indent.size();
      gap = {};
    }
    text.append(gap).append(word);
    begins = false;
    used += gap.size() + width_of(word);
    line.remove_prefix(word.size());
    gap = line.substr(0, std::min(line.find_first_not_of(' '), line.size()));
    line.remove_prefix(gap.size());
  }
  return text;
}

}  // namespace

std::string folded(std::string_view text, std::size_t columns) {
  if (columns == 0) return std::string(text);
  std::string result;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    result += folded_line(line, columns);
    text.remove_prefix(line.size());
    if (text.empty()) break;
    result += '\n';
    text.remove_prefix(1);
  }
  return result;
}

}  // namespace bastion::admin
