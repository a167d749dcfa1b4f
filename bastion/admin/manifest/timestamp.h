// Points in time and lengths of time as commands read and print them. UTC, always.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

// `2026-12-31T23:59:59Z`.
[[nodiscard]] std::string text_of_timestamp(std::int64_t unix_seconds);

// `2026-12-31` (its first second), `2026-12-31T23:59:59Z`, or a time from now on: `90m`, `12h`, `30d`.
[[nodiscard]] Result<std::int64_t> parse_timestamp(std::string_view text, std::int64_t now);
// The same, but a length of time leads back from now.
[[nodiscard]] Result<std::int64_t> parse_past_timestamp(std::string_view text, std::int64_t now);

// In seconds: `30s`, `90m`, `12h`, `30d`; never nothing.
[[nodiscard]] Result<std::int64_t> parse_duration(std::string_view text);
// In the largest unit that says it exactly.
[[nodiscard]] std::string text_of_duration(std::int64_t seconds);

}  // namespace bastion::admin
