// Text from elsewhere on its way to a terminal.
#include "bastion/base/printable.h"

#include <doctest/doctest.h>
#include <utf8proc.h>

#include <array>
#include <string>

namespace bastion {

TEST_CASE("what is printable stays as it is, in every script") {
  for (const auto* const text :
       {"", "alice", "\u00a0\u00e9\u00ff", "\u4e2d\u6587", "\U0001f511", "\U0010ffff", "\ue000"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("what moves a cursor becomes a question mark: ASCII's control characters and those beyond it") {
  CHECK(printable("a\nb\r\t\x1b[2J\x7f") == "a?b???[2J?");
  CHECK(printable(std::string("a\0b", 3)) == "a?b");
  CHECK(printable("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0") == "??????\xc2\xa0");
}

TEST_CASE("what turns the writing round, ends a line for some or has no width becomes question marks") {
  for (const auto* const text :
       {"\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
        "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff"}) {
    CHECK(printable(text) == std::string(std::string_view(text).size(), '?'));
  }
  for (const auto* const text : {"\u00ad", "\u180e", "\u115f", "\u1160", "\u3164", "\uffa0", "\ufff9", "\ufffa",
                                 "\ufffb", "\U000e0000", "\U000e0001", "\U000e007f", "\u206a"}) {
    CHECK(printable(text) == std::string(std::string_view(text).size(), '?'));
  }
  // Arabic and Hebrew need none of them; joiners belong to words and emoji, variations to emoji, wide spaces to text.
  for (const auto* const text :
       {"\u0645\u200c\u0646", "\u05e9\u05dc\u05d5\u05dd", "\U0001f468\u200d\U0001f469", "\u3000", "\u200a", "\u2027",
        "\u202f", "\u205f", "\u2601\ufe0f", "e\u0301", "\ufefe"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("of all that Unicode does not show, only joiners and what selects a variation stay") {
  const auto stays = [](utf8proc_int32_t point) {
    return point == 0x200c || point == 0x200d || (point >= 0x180b && point <= 0x180f && point != 0x180e) ||
           (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef);
  };
  for (utf8proc_int32_t point = 0xa0; point < 0x110000; ++point) {
    if (!utf8proc_codepoint_valid(point)) continue;
    if (utf8proc_get_property(point)->ignorable == 0 || stays(point)) continue;
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = static_cast<std::size_t>(utf8proc_encode_char(point, bytes.data()));
    CAPTURE(point);
    CHECK(printable(std::string(bytes.begin(), bytes.begin() + size)) == std::string(size, '?'));
  }
}

TEST_CASE("what is no UTF-8 becomes question marks: a terminal may take a lone byte for a control character") {
  CHECK(printable("\x9b[2J") == "?[2J");
  CHECK(printable("\xff\xfe") == "??");
  CHECK(printable("\xc3") == "?");
  CHECK(printable("\xc3(") == "?(");
  CHECK(printable("\xe4\xb8") == "??");
  CHECK(printable("\xf0\x9f\x94x") == "???x");
  CHECK(printable("\xc0\x8a") == "??");            // a line feed, longer than it need be
  CHECK(printable("\xe0\x82\x9b") == "???");       // U+009B, longer than it need be
  CHECK(printable("\xed\xa0\x80") == "???");       // half of a pair of UTF-16
  CHECK(printable("\xf4\x90\x80\x80") == "????");  // beyond Unicode
  CHECK(printable("\xf8\x88\x80\x80\x80") == "?????");
}

TEST_CASE("lines stay lines, whatever ended them, and the rest is as printable as ever") {
  CHECK(printable_lines("").empty());
  CHECK(printable_lines("one") == "one\n");
  CHECK(printable_lines("one\n\ntwo\r\nthree\rfour\n") == "one\n\ntwo\nthree\nfour\n");
  CHECK(printable_lines("a\tb\t") == "a\tb\t\n");
  CHECK(printable_lines("\x1b[2J\x9b\xc3\n\u00e9") == "?[2J??\n\u00e9\n");
  CHECK(printable_lines("\n") == "\n");
}

TEST_CASE("on one line: single spaces, no control characters, and cut in front of a whole character") {
  CHECK(printable_on_one_line("", 10).empty());
  CHECK(printable_on_one_line("\r\n \t", 10).empty());
  CHECK(printable_on_one_line("  one\r\n\ttwo \x1b[J\n", 100) == "one two ?[J");
  CHECK(printable_on_one_line("0123456789", 10) == "0123456789");
  CHECK(printable_on_one_line("0123456789 a", 10) == "0123456...");
  CHECK(printable_on_one_line("012345\u00e9789", 10) == "012345...");
  CHECK(printable_on_one_line("0123456789", 2) == "...");
}

}  // namespace bastion
