// What an account needs to let somebody in, as an expression: `publickey`, `certificate`, `publickey+totp`,
// `publickey+password`, and alternatives with `|` between them. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion {

// What can be proven. In the order in which it is asked for: a signature before what somebody types, so that nobody
// without a key guesses at that.
enum class Factor : std::uint8_t {
  publickey,    // a signature of a key that is enrolled, or of one that a trusted CA vouches for
  certificate,  // the latter
  password,     // typed
  totp,         // a one-time code (RFC 6238), or a recovery code in its place; never alone
  oidc,         // a sign-on at the issuer of the organisation (bastion/oidc), or one that is remembered
};

[[nodiscard]] std::string_view text_of(Factor factor);
// Whether it is something that a user does at a prompt, and no signature.
[[nodiscard]] bool is_typed(Factor factor);

// Any one of the alternatives, and all that stands in it. What stands twice in one needs two different keys.
struct Requirement {
  using Alternative = std::vector<Factor>;  // sorted
  std::vector<Alternative> alternatives;    // none: nobody is let in

  bool operator==(const Requirement&) const = default;
};

// What an account needs that nothing else is said of, where the configuration says nothing else either.
inline constexpr std::string_view kDefaultRequirement = "publickey";

// The error says what would be right.
[[nodiscard]] Result<Requirement> parse_requirement(std::string_view text);
// As parse_requirement() reads it, each alternative in the order of Factor.
[[nodiscard]] std::string text_of(const Requirement& requirement);

// How far somebody has come who has proven these. Each proof counts once.
struct Progress {
  bool is_done = false;
  // What brings them further; sorted, each once; empty when it is done. Of an alternative, what is typed comes when
  // nothing else is missing, and one after the other.
  std::vector<Factor> next;
};
[[nodiscard]] Progress progress(const Requirement& requirement, std::span<const Factor> proven);

// Whether it stands in any alternative.
[[nodiscard]] bool names(const Requirement& requirement, Factor factor);

// Whether one more of this kind would bring them further.
[[nodiscard]] bool helps(const Requirement& requirement, std::span<const Factor> proven, Factor factor);

}  // namespace bastion
