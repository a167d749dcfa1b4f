// The failures of a database that pass by themselves: somebody else has it locked, for longer than anybody waits; and
// what a fleet has in common cannot be changed, because its database is away.
#pragma once

#include <string_view>

#include "bastion/base/result.h"

namespace bastion::store {

inline constexpr std::string_view kBusyText = "the database is busy with another change; try again";

[[nodiscard]] inline bool is_busy(const Error& error) { return error.text == kBusyText; }

// How it begins; then comes which server, and what it said.
inline constexpr std::string_view kAwayText = "the fleet's database cannot be reached";

// So it does where an administrator has taken the bastion out of the fleet.
inline constexpr std::string_view kRemovedText = "this bastion was removed from the fleet";
[[nodiscard]] inline bool is_away(const Error& error) {
  return error.text.starts_with(kAwayText) || error.text.starts_with(kRemovedText);
}

}  // namespace bastion::store
