// What somebody reads who signs on at the issuer. Pure.
#pragma once

#include <string>
#include <string_view>

#include "bastion/oidc/sign_on.h"
#include "bastion/transport/keyboard_interactive.h"

namespace bastion::session {

// All that is needed stands in the prompt: some clients show nothing else.
[[nodiscard]] transport::Questions questions_for(const oidc::Shown& shown);

// The address for the camera of a phone: lines that end with `\r\n`, to be read before the prompt. A terminal's size is
// not known yet: it has to fit one of 80 columns and 24 lines together with the prompt. Empty where it does not, and
// for clients that are not known to print such lines as they are (by their version line).
[[nodiscard]] std::string qr_code_for(const oidc::Shown& shown, std::string_view client_version);

// A line behind which nothing comes; `why` may be somebody else's text.
[[nodiscard]] std::string sign_on_failed(std::string_view why);

// At this issuer, somebody of this name, who is another one than wants to log in, or nobody here.
[[nodiscard]] std::string is_another(std::string_view issuer, std::string_view name, std::string_view account);
[[nodiscard]] std::string has_no_account(std::string_view issuer, std::string_view name);

}  // namespace bastion::session
