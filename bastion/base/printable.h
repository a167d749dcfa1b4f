// Text from elsewhere on its way to a terminal or a log: it must not move the cursor, nor look like two lines
// where it is one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bastion {

// Control characters, those of ISO 6429 beyond ASCII (U+0080 to U+009F) too, and bytes that are no UTF-8 become `?`,
// byte by byte; so does what changes the direction of writing, ends a line for some, or is not shown at all (Unicode's
// Default_Ignorable_Code_Point and the marks of annotations), but for the joiners U+200C and U+200D and the selectors
// of variations, which scripts and emoji need. What combines with a letter is text.
[[nodiscard]] std::string printable(std::string text);
// The same, but lines stay lines, and tabs tabs: each line ends with one `\n`, whatever ended it before.
[[nodiscard]] std::string printable_lines(std::string_view text);
// The same on one line, single spaces between the words; where it has more than `most` bytes, it is cut and ends in
// `...`.
[[nodiscard]] std::string printable_on_one_line(std::string_view text, std::size_t most);

}  // namespace bastion
