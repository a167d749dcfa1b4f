// YAML as another way of writing the JSON documents that we know: objects, lists, texts, whole numbers, true, false and
// null. (YAML 1.2, core schema.)
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

// Plain words are null, true, false or a whole number where they look like one of these, and a text otherwise: `yes`,
// `1.0` and `2026-12-31` are texts. Refused are references (`*name`: a short text could mean a huge document), tags,
// keys that are no text or come twice, and more than one document. The error says where: `line 3, column 7: …`.
[[nodiscard]] Result<nlohmann::json> parse_yaml(std::string_view text);

// Every text that could be read as something else stands in quotes, as in JSON. What is no UTF-8 is replaced.
[[nodiscard]] std::string to_yaml(const nlohmann::ordered_json& document);

}  // namespace bastion::admin
