// How values are written in answers and documents.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bastion/base/record_policy.h"

namespace bastion::admin {

using Cell = nlohmann::ordered_json;  // null, a text, a number or true/false

// Null for no timestamp.
[[nodiscard]] Cell timestamp_cell(const std::optional<std::int64_t>& unix_seconds);
// Options of authorized_keys(5); null where there are none.
[[nodiscard]] Cell options_cell(const std::string& options);
// A limit as store::User has it: `12h`, `none`, or `default`.
[[nodiscard]] Cell limit_cell(const std::optional<std::int64_t>& seconds);

// What of sessions is recorded: `terminals`, or `default`.
[[nodiscard]] Cell record_cell(const std::optional<RecordPolicy>& said);

// What an account needs, as store::User has it: an expression, or `default`.
[[nodiscard]] Cell auth_cell(const std::string& auth);

// A cap as store::Caps has it: a number, `none`, or `default`.
[[nodiscard]] Cell cap_cell(const std::optional<std::int64_t>& cap);

}  // namespace bastion::admin
