// JSON that an issuer has sent: as hostile as whatever comes from a network. Pure.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::oidc {

using Json = nlohmann::json;

inline constexpr std::size_t kDeepest = 16;

// An object, of so many levels at most. The error says what it is not; `what` it was to be.
[[nodiscard]] Result<Json> parse_object(std::string_view text, std::string_view what);

// Nothing: it is not there, or something else.
[[nodiscard]] std::optional<std::string> text_in(const Json& object, std::string_view name);
// Nothing: it is not there, something else, or not between these. Fractions are cut off.
[[nodiscard]] std::optional<std::int64_t> number_in(const Json& object, std::string_view name, std::int64_t least,
                                                    std::int64_t most);

}  // namespace bastion::oidc
