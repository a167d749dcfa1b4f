// How little room a number takes, and what a terminal can show.
#include "bastion/admin/top_text.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/top_look.h"

namespace bastion::admin {

TEST_CASE("top: numbers are short") {
  CHECK(short_bytes(0) == "0");
  CHECK(short_bytes(999) == "999");
  CHECK(short_bytes(999.6) == "1.0k");
  CHECK(short_bytes(12'345) == "12k");
  CHECK(short_bytes(999'999) == "1.0M");
  CHECK(short_bytes(-1) == "0");
  CHECK(short_bytes(18'446'744'073'709'551'615.0) == "18E");
  CHECK(short_bytes(1e30) == "999E");
  CHECK(short_bytes(std::numeric_limits<double>::quiet_NaN()) == "0");
  CHECK(short_time(-1) == "0s");
  CHECK(short_time(99) == "99s");
  CHECK(short_time(100) == "1m");
  CHECK(short_time(6'000) == "1h");
  CHECK(short_time(200'000) == "2d");
  CHECK(short_time(std::numeric_limits<std::int64_t>::max()) == "9999d");
  CHECK(long_time(266'400) == "3d 2h");
  CHECK(short_milliseconds(0.04) == "0.0ms");
  CHECK(short_milliseconds(12.4) == "12ms");
  CHECK(short_milliseconds(1'500) == "1.5s");
  const std::vector<double> numbers{0, 1, 50, 100};
  CHECK(sparkline(numbers, 6, Glyphs::unicode) == "  ▁▂▅█");
  CHECK(sparkline(numbers, 2, Glyphs::ascii) == "=#");
  CHECK(sparkline({}, 3, Glyphs::ascii) == "   ");
}

TEST_CASE("top: a locale or a terminal says whether blocks can be shown") {
  CHECK(glyphs_for("", "xterm-256color") == Glyphs::unicode);
  CHECK(glyphs_for("de_DE.UTF-8", "xterm") == Glyphs::unicode);
  CHECK(glyphs_for("C.utf8", "screen") == Glyphs::unicode);
  CHECK(glyphs_for("C", "xterm") == Glyphs::ascii);
  CHECK(glyphs_for("de_DE@euro", "xterm") == Glyphs::ascii);
  CHECK(glyphs_for("en_US.UTF-8", "linux") == Glyphs::ascii);
  CHECK(glyphs_for("en_US.UTF-8", "vt100") == Glyphs::ascii);
  const auto look = look_of("xterm", [](std::string_view name) -> std::string {
    if (name == "LANG") return "C";
    if (name == "LC_CTYPE") return "en_US.UTF-8";
    return name == "NO_COLOR" ? "1" : "";
  });
  CHECK(look.glyphs == Glyphs::unicode);
  CHECK_FALSE(look.coloured);
}

TEST_CASE("top: without colours what is no colour remains, and what is warned of is readable on white") {
  CHECK(shaded("x", Shade::plain, true) == "x");
  CHECK(shaded("x", Shade::good, false) == "x");
  CHECK(shaded("x", Shade::bad, false) == "\x1b[1mx\x1b[0m");
  CHECK(shaded("x", Shade::reverse, false) == "\x1b[7mx\x1b[0m");
  for (const auto shade : {Shade::good, Shade::doubtful, Shade::bad, Shade::dim, Shade::strong, Shade::title}) {
    CHECK_FALSE(shaded("x", shade, true).contains("33"));
  }
}

TEST_CASE("top: a text is found in any case") {
  CHECK(contains_in_any_case("Alice", "LIC"));
  CHECK(contains_in_any_case("alice", ""));
  CHECK(contains_in_any_case("", ""));
  CHECK_FALSE(contains_in_any_case("", "a"));
  CHECK_FALSE(contains_in_any_case("alice", "alicea"));
}

}  // namespace bastion::admin
