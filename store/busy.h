// The one failure of a database that passes by itself: somebody else has it locked, for longer than anybody waits.
#pragma once

#include <string_view>

#include "bastion/base/result.h"

namespace bastion::store {

inline constexpr std::string_view kBusyText = "the database is busy with another change; try again";

[[nodiscard]] inline bool is_busy(const Error& error) { return error.text == kBusyText; }

}  // namespace bastion::store
