// The word of an invitation: `ssh invite+WORD@bastion` enrols the key that somebody comes with, once. Pure but for
// making one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/target.h"
#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::access {

// The user name before the plus. A user may be called so, and has no container that is called like a word.
inline constexpr std::string_view kInvite = "invite";

// 128 bits: a letter, and 25 letters and digits 2 to 7.
[[nodiscard]] Result<std::string> new_invitation();
// As it is kept: SHA-256, which is enough for what nobody can guess.
[[nodiscard]] ByteVector hash_of_invitation(std::string_view word);

// The word in what stands before the @; nothing in anything else.
[[nodiscard]] std::optional<std::string> invitation_in(const std::optional<Target>& target);
// A user name as it was sent, for logs and records: without the word.
[[nodiscard]] std::string without_invitation(std::string_view user_name);

}  // namespace bastion::access
