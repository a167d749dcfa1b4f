// Text for the pages of man(7). Pure.
#pragma once

#include <string>
#include <string_view>

namespace bastion {

// One line of text: what stands between `backticks` is bold, an ellipsis is three dots, and what roff would take for
// its own is escaped.
[[nodiscard]] std::string roff(std::string_view markdown);

// The same as a paragraph: cut at blanks, so that no line has more than 78 bytes unless one word does. Ends with a line
// feed.
[[nodiscard]] std::string roff_paragraph(std::string_view markdown);

}  // namespace bastion
