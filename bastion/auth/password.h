// The method "password" (RFC 4252 section 8), and what a password has to be. Bytes are compared as they were typed, in
// UTF-8: nothing is normalized. Pure but for randomness.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::auth {

inline constexpr std::string_view kPassword = "password";

// As it was typed, and another one that is to stand in its place from then on. In no log.
struct PasswordClaim {
  std::string password;
  std::optional<std::string> next = std::nullopt;
};
// From the fields of the method. Nothing: malformed, or nobody's password.
[[nodiscard]] std::optional<PasswordClaim> claimed_password(Bytes fields);

// A new one has so many characters at least. Nobody's has more bytes than the other.
inline constexpr std::size_t kShortestPassword = 12;
inline constexpr std::size_t kLongestPassword = 1024;
// Whether it can be somebody's, however short: what cannot is not hashed.
[[nodiscard]] bool can_be_password(std::string_view text);
// Why this is not to be a password from now on, as a sentence without its end.
[[nodiscard]] std::optional<Error> objection_to_password(std::string_view text);

// 80 bits: `abcd-efgh-ijkl-mnop`.
[[nodiscard]] Result<std::string> new_password();

// What is asked of whoever logs in, and of whoever has to change theirs.
inline constexpr std::string_view kPasswordPrompt = "Password: ";
inline constexpr std::string_view kNewPasswordPrompt = "New password: ";
inline constexpr std::string_view kNewPasswordAgainPrompt = "New password, again: ";
inline constexpr std::string_view kMustChange =
    "Your password has to be changed before you can log in with it: choose another one, of 12 characters at least.";

}  // namespace bastion::auth
