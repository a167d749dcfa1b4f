#include "bastion/base/text_width.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion {

TEST_CASE("text has the width that terminals give it") {
  struct Row {
    const char* what;
    std::string_view text;
    std::size_t width;
    std::size_t first;  // in bytes
    std::size_t last;
  };
  const Row rows[] = {
      {"nothing", "", 0, 0, 0},
      {"ASCII", "abc", 3, 1, 1},
      {"Latin", "größer", 6, 1, 1},
      {"what combines", "e\u0301x", 2, 3, 1},
      {"at the end", "xe\u0301", 2, 1, 3},
      {"CJK", "漢字", 4, 3, 3},
      {"half width", "ｱ", 1, 3, 3},
      {"Hangul", "한글", 4, 3, 3},
      {"emoji", "😀!", 3, 4, 1},
      {"with a variation", "x☁\uFE0F", 2, 1, 6},
      {"no UTF-8", "\xff\xfe", 2, 1, 1},
      {"cut off", "a\xe6\xbc", 3, 1, 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(width_of(row.text) == row.width);
    CHECK(first_character(row.text) == row.first);
    CHECK(last_character(row.text) == row.last);
  }
}

TEST_CASE("what fits ends with a whole character") {
  CHECK(fitting("漢字漢", 5) == "漢字");
  CHECK(fitting("漢字", 4) == "漢字");
  CHECK(fitting("ae\u0301b", 2) == "ae\u0301");
  CHECK(fitting("abc", 0).empty());
  CHECK(fitting("", 9).empty());
}

}  // namespace bastion
