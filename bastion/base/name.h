// The names people type for backends, containers and groups: `[a-z_][a-z0-9_.-]{0,31}`. Those of users may be more
// (user_name.h).
#pragma once

#include <algorithm>
#include <string_view>

namespace bastion {

inline constexpr std::size_t kMaxNameSize = 32;

// Small letters only, so that nobody has to remember how a name was written; none of `+`, `/`, `@` and `:`, which stand
// between names; no leading `-` or `.`, which programs take for an option or a hidden file.
[[nodiscard]] constexpr bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= kMaxNameSize && is_letter(text.front()) && std::ranges::all_of(text, is_inner);
}

// What an error message says a name is.
inline constexpr std::string_view kNameRule =
    "small letters, digits, '_', '.' and '-', beginning with a letter or '_', 32 characters at most";

}  // namespace bastion
