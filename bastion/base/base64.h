// RFC 4648 section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bastion {

// Nothing when it is none. Line ends may stand anywhere in it; the padding must be there.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace bastion
