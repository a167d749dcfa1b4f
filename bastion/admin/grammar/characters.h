// Text as a terminal counts it: in characters, not bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace bastion::admin {

// Of UTF-8; one of double width counts as one.
[[nodiscard]] inline std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// The first so many characters, at least one; what is left out is left out visibly.
[[nodiscard]] inline std::string cut(const std::string& text, std::size_t columns) {
  if (width_of(text) <= columns) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (text[end] & 0xc0) != 0x80;
    if (begins && ++seen >= columns) break;
  }
  return text.substr(0, end) + "…";
}

}  // namespace bastion::admin
