// A value that a stranger has chosen, for a line of the log: whatever was sent, in `key=value` it stays one short
// value.
#pragma once

#include <string>
#include <string_view>

namespace bastion {

// What names are made of stays as it is: letters, digits and `._+/@:-` of ASCII. Every other byte becomes `\xNN`. No
// longer than kMostOfValue bytes of `text`, then `...`; an empty one is `""`.
[[nodiscard]] std::string log_value(std::string_view text);

inline constexpr std::size_t kMostOfValue = 64;

}  // namespace bastion
