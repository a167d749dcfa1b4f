// Whom the certificates of a CA let in, by the principals that they name. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::access {

// One of them: `user`, each user by a principal that is their name; `create`, the same, and who has no account by that
// name gets one; or `PATTERN=USER`, this user by a principal that matches, with `*` and `?` (base/wildcards.h).
struct PrincipalRule {
  std::string pattern;  // empty: `user` or `create`
  std::string user;
  bool creates = false;

  bool operator==(const PrincipalRule&) const = default;
};

inline constexpr std::string_view kByName = "user";
inline constexpr std::string_view kCreates = "create";

// Rules with commas between them. The error says what would be right.
[[nodiscard]] Result<std::vector<PrincipalRule>> parse_principals(std::string_view text);

// As it is written.
[[nodiscard]] std::string text_of(const PrincipalRule& rule);

// By which of these principals this user is let in; nothing when by none.
[[nodiscard]] std::optional<std::string> principal_for(std::string_view user, std::span<const PrincipalRule> rules,
                                                       std::span<const std::string> principals);
// What a certificate has to name for this user, for a sentence: a principal, or a pattern of them; nothing when there
// is no such thing.
[[nodiscard]] std::optional<std::string> wanted_principal(std::string_view user, std::span<const PrincipalRule> rules);

// Whether one of them is `create`.
[[nodiscard]] bool creates_accounts(std::span<const PrincipalRule> rules);

}  // namespace bastion::access
