// Patterns as ssh_config(5) has them (PATTERNS). Pure.
#pragma once

#include <string_view>

namespace bastion {

// `*` stands for any text, `?` for any character. Both are in small letters.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

// A pattern-list: patterns with commas between them, of which one matches, and none that begins with `!`.
[[nodiscard]] bool matches_pattern_list(std::string_view list, std::string_view text);

}  // namespace bastion
