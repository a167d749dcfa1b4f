// The one failure of a connection that is ours: no descriptor is left, in this process or in the system.
#pragma once

#include <cerrno>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::loop {

inline constexpr std::string_view kExhaustedText = "no file descriptors are left";

[[nodiscard]] inline bool is_exhausted(const Error& error) { return error.text == kExhaustedText; }
[[nodiscard]] inline bool is_exhaustion(int error) { return error == EMFILE || error == ENFILE; }

}  // namespace bastion::loop
