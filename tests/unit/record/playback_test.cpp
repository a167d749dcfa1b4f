#include "bastion/record/playback.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace bastion::record {
namespace {

using namespace std::chrono_literals;

std::string through(Harmless::For what, std::initializer_list<std::string_view> texts) {
  Harmless harmless(what);
  std::string out;
  for (const auto text : texts) harmless.append(text, out);
  return out;
}
std::string shown(std::string_view text) { return through(Harmless::For::terminal, {text}); }
std::string as_lines(std::string_view text) { return through(Harmless::For::lines, {text}); }

// Both the recording's text and what comes of it.
struct Played {
  std::string text;
  std::vector<std::chrono::milliseconds> pauses;
};
Played play(const std::string& lines, const Playback::Options& options) {
  test::TemporaryFolder folder;
  Compressor compressor;
  const auto frame = compressor.frame(lines);
  REQUIRE(frame);
  auto reader = Reader::open(folder.write("a", *frame));
  REQUIRE(reader);
  Playback playback(*std::move(reader), options);
  Played played;
  for (;;) {
    const auto part = playback.next();
    REQUIRE(part);
    played.text += part->text;
    if (part->is_last) return played;
    played.pauses.push_back(part->pause);
  }
}

const std::string kHeader = line_of({.at = 1});
const std::string kLines = kHeader +
                           "[0.500000, \"o\", \"one\"]\n"
                           "[0.505000, \"o\", \" two\"]\n"
                           "[60.505000, \"o\", \"\\r\\nthree\"]\n"
                           "[60.600000, \"m\", \"exit status 0\"]\n";

}  // namespace

TEST_CASE("what draws passes to the terminal of whoever looks on") {
  for (const auto* const text :
       {"plain caf\xc3\xa9", "\x1b[1;31mred\x1b[0m", "\x1b[2J\x1b[10;5H", "\x1b[?1049h\x1b[?25l", "\x1b(B",
        "\x1b"
        "7\x1b"
        "8",
        "a\r\n\tb\b", "\x1b[38:2:1:2:3mx"}) {
    CAPTURE(text);
    CHECK(shown(text) == text);
  }
}

TEST_CASE("what asks a terminal, or changes more than its screen, does not") {
  for (const auto* const text : {"\x1b[c",
                                 "\x1b[>c",
                                 "\x1b[6n",
                                 "\x1b[?6n",
                                 "\x1b[21t",
                                 "\x1b[>q",
                                 "\x1b[?1000h",
                                 "\x1b[?1049;1006h",
                                 "\x1b[?2004h",
                                 "\x1b[?u",
                                 "\x1b[5$p",
                                 "\x1b]0;title\x07",
                                 "\x1b]52;c;AAAA\x1b\\",
                                 "\x1bP+q544e\x1b\\",
                                 "\x1b_Gx\x1b\\",
                                 "\x1bZ",
                                 "\x05",
                                 "\xc2\x9b"
                                 "c",
                                 "\xc2\x9d"
                                 "0;t\x07",
                                 "\x1b[20h",
                                 "\x1b[?3h",
                                 "\x1bH",
                                 "\x1b[3g",
                                 "\x1b[99999b",
                                 "\x1b[>4;2m"}) {
    CAPTURE(text);
    CHECK(shown(text).empty());
    CHECK(as_lines(text).empty());
  }
}

TEST_CASE("a sequence that is split is the same as one that is not") {
  CHECK(through(Harmless::For::terminal, {"a\x1b", "[6", "n", "b\x1b[1", "mc"}) == "ab\x1b[1mc");
  CHECK(through(Harmless::For::terminal, {"\x1b]0;x", "y\x1b", "\\z"}) == "z");
  CHECK(through(Harmless::For::terminal, {"\xc2", "\x9b", "c!"}) == "!");
}

TEST_CASE("as lines it is text alone") {
  CHECK(as_lines("\x1b[1mone\x1b[0m\r\ntwo\r\nthree\n") == "one\ntwo\nthree\n");
  CHECK(as_lines("10%\r20%\r\n") == "10%\n20%\n");
}

TEST_CASE("at a terminal it is played in its time") {
  const auto played = play(kLines, {});
  CHECK(played.text.starts_with("one two\r\nthree"));
  CHECK(played.text.contains("-- exit status 0"));
  CHECK(played.pauses == std::vector{500ms, 60'000ms, 95ms});
}

TEST_CASE("whoever has looked gets their screen back, below what was shown") {
  const auto played = play(kLines, {});
  CHECK(
      played.text.ends_with("\x1b[?1049l\x1b[0m\x1b[?5l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[4l\x1b[r\x1b(B\x0f"
                            "\x1b[9999;1H\r\n"));
}

TEST_CASE("faster, and without long pauses") {
  CHECK(play(kLines, {.speed = 2}).pauses == std::vector{250ms, 30'000ms, 48ms});
  CHECK(play(kLines, {.idle_limit = 2s}).pauses == std::vector{500ms, 2'000ms, 95ms});
}

TEST_CASE("elsewhere it is text, at once") {
  const auto played = play(kLines, {.as = Playback::As::text});
  CHECK(played.text == "one two\nthree-- exit status 0\n");
  CHECK(played.pauses.empty());
}

TEST_CASE("what is exported is the file") { CHECK(play(kLines, {.as = Playback::As::cast}).text == kLines); }

TEST_CASE("a damaged recording says so") {
  test::TemporaryFolder folder;
  auto reader = Reader::open(folder.write("a", "this is no zstd at all"));
  REQUIRE(reader);
  Playback playback(*std::move(reader), {});
  const auto part = playback.next();
  REQUIRE_FALSE(part);
  CHECK(part.error().text.starts_with("the recording is damaged"));
}

}  // namespace bastion::record
