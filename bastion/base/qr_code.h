// A QR code (ISO/IEC 18004) as lines of text, for phones that look at a terminal: two modules in each character.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion {

// `of_its_own`: escape sequences set them, so that it does not matter what the terminal's are. `of_the_terminal`: light
// modules are drawn, as terminals are dark.
enum class QrColours : std::uint8_t { of_the_terminal, of_its_own };

// With the margin that readers need. A line has about twice as many columns as there are lines. The error says when the
// text is too long for one.
[[nodiscard]] Result<std::vector<std::string>> qr_code(std::string_view text, QrColours colours);

}  // namespace bastion
