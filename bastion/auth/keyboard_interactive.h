// The method "keyboard-interactive" (RFC 4256): what the account needs is asked of whoever sits there.
#pragma once

#include <string_view>

namespace bastion::auth {

inline constexpr std::string_view kKeyboardInteractive = "keyboard-interactive";

// Nothing is claimed before something was asked.
struct InteractiveClaim {};

// Whatever is typed for it, by whomever: who has a key, and no code yet.
inline constexpr std::string_view kCodePrompt = "One-time code: ";

}  // namespace bastion::auth
