// A QR code (ISO/IEC 18004) as lines of text, for phones that look at a terminal: two modules in each character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// With the margin that readers need. Light modules are drawn, as terminals are dark; where the format has colours, both
// are set, so that it does not matter what the terminal's are. The error says when the text is too long for one.
[[nodiscard]] Result<std::vector<std::string>> qr_code(std::string_view text, const OutputFormat& format);

}  // namespace bastion::admin
