// JSON as people write it and terminals show it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

// Read as YAML is (yaml.h): a key that comes twice, what is nested too deeply and a number that is too large are
// refused too. The error says where: `line 3, column 7: …`.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

// On one line when `indent` is negative. What is no UTF-8 (a comment on a key may be anything) is replaced, and no
// control character stands in it, neither those of ASCII nor those beyond.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace bastion::admin
