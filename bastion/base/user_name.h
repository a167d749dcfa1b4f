// What accounts are called: as people write them, and as directories do (`alice@corp.example`, `CORP\alice`). Pure; the
// input comes from strangers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bastion {

inline constexpr std::size_t kMaxUserNameSize = 64;  // characters

// The name in the form in which it is kept and compared: Unicode's NFC. Nothing where it is none: it has 1 to 64
// characters, of which the first is a letter or `_`, and the others are letters of any script, what combines with them,
// decimal digits, `_`, `.`, `-`; inside, one `@` and one `\`. So none of `+`, `/` and `:`, which stand between names;
// no white space, and nothing that is not shown or changes the direction of writing.
[[nodiscard]] std::optional<std::string> user_name_of(std::string_view text);

// Whether it is one, in that form already.
[[nodiscard]] bool is_user_name(std::string_view text);

// The form of a name that is the same for all that differ in case only (Unicode's full case folding, in NFC).
[[nodiscard]] std::string without_case(std::string_view name);

// What an error message says such a name is.
inline constexpr std::string_view kUserNameRule =
    "letters, digits, '_', '.' and '-', one '@' and one '\\' inside, beginning with a letter or '_', 64 characters at "
    "most";

}  // namespace bastion
