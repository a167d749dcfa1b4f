// The question that whoever sits at a terminal is asked before something is removed that takes something else with it.
// Elsewhere `--yes` is the answer.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

inline constexpr std::string_view kYesOption = "--yes";
// Whoever typed it did not know of the question.
inline constexpr std::string_view kTypedBefore = "What was typed before this question is dropped.\n";
inline constexpr std::string_view kNothingChanged = "Nothing was changed.\n";

[[nodiscard]] constexpr bool is_yes(std::string_view reply) { return reply == "y" || reply == "Y" || reply == "yes"; }

[[nodiscard]] constexpr bool is_no(std::string_view reply) {
  return reply.empty() || reply == "n" || reply == "N" || reply == "no";
}

// The refusal of a command that was given without `--yes`. `what` is the question, as in `Remove bob and bob/web?`.
[[nodiscard]] inline std::unexpected<Error> ask_for_yes(Context& context, std::string_view what, std::string refusal) {
  context.question = fmt::format("{} (y/N) ", what);
  return std::unexpected(Error{std::move(refusal)});
}

}  // namespace bastion::admin
