// Text from elsewhere on its way to a terminal: it must not move the cursor, nor look like two lines.
#pragma once

#include <algorithm>
#include <string>

namespace bastion {

[[nodiscard]] inline std::string printable(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

}  // namespace bastion
