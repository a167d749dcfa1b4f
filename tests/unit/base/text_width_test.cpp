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

TEST_CASE("the last character is found from any place, whatever stands before it") {
  for (const std::string_view text :
       {"x", "\u00e9", "e\u0301", "\u6f22", "\U0001f600", "\r\n", "\xff", "x\u2601\ufe0f",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1e9\U0001f1ea"}) {
    CAPTURE(text);
    std::string line;
    for (std::size_t before = 0; before < 300; ++before) {
      line += before % 3 == 0 ? "\u6f22" : "a";
      CHECK(last_character(line + std::string(text)) == last_character("a" + std::string(text)));
    }
  }
}

TEST_CASE("a character without end is several") {
  std::string text = "e";
  while (text.size() < 1001) text += "\u0301";
  std::size_t characters = 0;
  for (std::string_view rest = text; !rest.empty(); ++characters) {
    const auto bytes = first_character(rest);
    CHECK(bytes <= 64);
    rest.remove_prefix(bytes);
  }
  CHECK(characters == 16);
  CHECK(last_character(text) <= 64);
  CHECK(last_character(text) % 2 == 0);
}

TEST_CASE("what fits ends with a whole character") {
  CHECK(fitting("漢字漢", 5) == "漢字");
  CHECK(fitting("漢字", 4) == "漢字");
  CHECK(fitting("ae\u0301b", 2) == "ae\u0301");
  CHECK(fitting("abc", 0).empty());
  CHECK(fitting("", 9).empty());
}

}  // namespace bastion
