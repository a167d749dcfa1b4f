// The question that whoever sits at a terminal is asked before something is removed that takes something else with it.
// Elsewhere `--yes` is the answer.
#pragma once

#include <string_view>

namespace bastion::admin {

inline constexpr std::string_view kYesQuestion = "Do it all the same? (y/N) ";
inline constexpr std::string_view kYesOption = "--yes";
inline constexpr std::string_view kNothingChanged = "Nothing was changed.\n";

[[nodiscard]] constexpr bool is_yes(std::string_view reply) { return reply == "y" || reply == "Y" || reply == "yes"; }

}  // namespace bastion::admin
