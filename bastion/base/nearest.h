// "Did you mean …?"
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace bastion {

// The candidate that was probably meant: at most a third of the word's letters were mistyped. Nothing if none is near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

}  // namespace bastion
