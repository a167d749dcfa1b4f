// Text from elsewhere on its way to a terminal or a log: it must not move the cursor, nor look like two lines.
#pragma once

#include <string>

namespace bastion {

// Control characters, those of ISO 6429 beyond ASCII (U+0080 to U+009F) too, and bytes that are no UTF-8 become `?`.
[[nodiscard]] std::string printable(std::string text);

}  // namespace bastion
