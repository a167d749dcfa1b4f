// Text for people, broken between words where a terminal would break it anywhere. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bastion::admin {

// What is left of a line that is longer than so many columns goes on below the beginning of its second column (what
// stands behind two spaces), or four further in than the line. A word that has no room stays whole. 0: nothing is
// broken.
[[nodiscard]] std::string folded(std::string_view text, std::size_t columns);

}  // namespace bastion::admin
