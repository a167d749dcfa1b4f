// How much room a text takes at a terminal, and where a user sees one character of it end. UTF-8; bytes that are none
// count as one character each. Pure.
//
// As terminals do it: each code point has its width by Unicode's East Asian Width (2 for CJK and emoji, 0 for what
// combines), whatever it is joined with; what the cursor moves over at once is a grapheme cluster (UAX 29), of which
// one that is longer than any script needs is several. What is asked about an end of a text costs no more for a long
// one.
#pragma once

#include <cstddef>
#include <string_view>

namespace bastion {

// In columns.
[[nodiscard]] std::size_t width_of(std::string_view text);
// The longest beginning, in whole characters, that takes no more than so many columns.
[[nodiscard]] std::string_view fitting(std::string_view text, std::size_t columns);

// In bytes, of its first and of its last character; 0 of an empty text.
[[nodiscard]] std::size_t first_character(std::string_view text);
[[nodiscard]] std::size_t last_character(std::string_view text);

}  // namespace bastion
