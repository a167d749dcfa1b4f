// Numbers as a narrow screen has room for them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bastion/admin/top_look.h"

namespace bastion::admin {

// `0`, `999`, `1.2k`, `34M`: of 1000 each, four characters at most. What is more than 999E is `999E`.
[[nodiscard]] std::string short_bytes(double bytes);
// `45s`, `12m`, `4h`, `3d`: of a number that is no time, `9999d` or `0s`.
[[nodiscard]] std::string short_time(std::int64_t seconds);
// `3d 4h`, `12m 5s`.
[[nodiscard]] std::string long_time(std::int64_t seconds);
// `0.3ms`, `12ms`, `1.5s`.
[[nodiscard]] std::string short_milliseconds(double milliseconds);

// Letters of ASCII are the same in either case; the empty part stands in every text.
[[nodiscard]] bool contains_in_any_case(std::string_view text, std::string_view part);

// The last of these numbers, a character for each, the largest of them as high as a line: `▁▂▅█`. So wide, blank on the
// left where there are fewer.
[[nodiscard]] std::string sparkline(std::span<const double> numbers, std::size_t columns, Glyphs glyphs);

// Printable, on one line, no wider than that, and marked where it was cut. Where a terminal knows only ASCII, other
// characters are `?`.
[[nodiscard]] std::string line_within(std::string_view text, std::size_t columns, Glyphs glyphs);
// The same of a cell of a table: with single spaces between the words.
[[nodiscard]] std::string cell_text_within(std::string_view text, std::size_t columns, Glyphs glyphs);

}  // namespace bastion::admin
