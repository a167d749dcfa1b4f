#include "bastion/base/wildcards.h"

#include <algorithm>
#include <optional>
#include <ranges>

namespace bastion {

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t seen = 0;
  std::optional<std::size_t> star;  // the last one
  std::size_t taken = 0;            // what it stands for ends here
  while (seen < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = seen;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[seen])) {
      ++at;
      ++seen;
    } else if (star) {
      at = *star + 1;
      seen = ++taken;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(at), [](char c) { return c == '*'; });
}

bool matches_pattern_list(std::string_view list, std::string_view text) {
  bool is_matched = false;
  for (const auto part : list | std::views::split(',')) {
    std::string_view pattern(part.begin(), part.end());
    const bool is_negated = pattern.starts_with('!');
    if (is_negated) pattern.remove_prefix(1);
    if (!matches_pattern(pattern, text)) continue;
    if (is_negated) return false;
    is_matched = true;
  }
  return is_matched;
}

}  // namespace bastion
