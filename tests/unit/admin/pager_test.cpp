// A text and keys in, screens out.
#include "bastion/admin/pager.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace bastion::admin {
namespace {

constexpr ScreenSize kScreen{.columns = 40, .rows = 11};  // ten rows and the line below

std::string numbered(int lines) {
  std::string text;
  for (int i = 1; i <= lines; ++i) text += fmt::format("line {}\n", i);
  return text;
}

struct Reader {
  explicit Reader(std::string text, ScreenSize screen = kScreen) : pager(std::move(text), screen) {}

  Reader& type(std::string_view keys) {
    goes_on = pager.type(keys);
    rest = keys;
    return *this;
  }
  // The rows on the screen, and the line below them.
  [[nodiscard]] std::vector<std::string> screen() const {
    auto drawn = pager.draw();
    REQUIRE(drawn.starts_with("\x1b[H"));
    REQUIRE(drawn.ends_with("\x1b[J"));
    std::vector<std::string> rows{""};
    for (std::size_t at = 3; at < drawn.size() - 3; ++at) {
      if (drawn.compare(at, 9, "\x1b[0m\x1b[K\r\n") == 0) {
        rows.emplace_back();
        at += 8;
      } else {
        rows.back() += drawn[at];
      }
    }
    return rows;
  }
  [[nodiscard]] std::string top() const { return screen().front(); }

  Pager pager;
  bool goes_on = true;
  std::string_view rest;
};

}  // namespace

TEST_CASE("a pager is for what is higher than the terminal") {
  CHECK_FALSE(Pager::is_needed(numbered(10), kScreen));
  CHECK(Pager::is_needed(numbered(11), kScreen));
  CHECK_FALSE(Pager::is_needed(numbered(100), {.columns = 40, .rows = 0}));
  CHECK_FALSE(Pager::is_needed("", kScreen));
  CHECK(Pager::is_needed(std::string(11 * 40, 'x') + "\n", kScreen));  // a line that wraps
  CHECK_FALSE(Pager::is_needed(std::string(10 * 40, 'x') + "\n", kScreen));
}

TEST_CASE("keys of a pager") {
  struct Row {
    std::string_view keys;
    std::string_view top;
  };
  const Row rows[] = {
      {"", "line 1"},
      {" ", "line 11"},
      {"  ", "line 16"},
      {"\r", "line 2"},
      {"jj", "line 3"},
      {"\x1b[B", "line 2"},
      {"jjk", "line 2"},
      {"\x1b[6~", "line 11"},
      {"\x06", "line 11"},
      {" b", "line 1"},
      {"j\x1b[5~", "line 1"},
      {"G", "line 16"},
      {"\x1b[F", "line 16"},
      {"Gg", "line 1"},
      {"G\x1b[H", "line 1"},
      {"/line 7\r", "line 7"},
      {"/LINE 1\r", "line 10"},
      {"/line 1\rn", "line 11"},
      {"/xx\x7f\x7f\x7fj", "line 2"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.keys);
    Reader reader(numbered(25));
    CHECK(reader.type(row.keys).top() == row.top);
    CHECK(reader.goes_on);
    CHECK(reader.screen().size() == 11);
  }
}

TEST_CASE("a pager is left by q, Ctrl-C, and Space at the end, and what is typed behind that is left over") {
  for (const std::string keys : {"q", "\x03", "G ", "/se\x03", "   ", "\x1b[200~q \x1b[201~q", "\x1b[200~q\x03"}) {
    CAPTURE(keys);
    Reader reader(numbered(25));
    const auto typed = keys + "user list";
    CHECK_FALSE(reader.type(typed).goes_on);
    CHECK(reader.rest == "user list");
  }
}

TEST_CASE("the line below says where one is and what can be done") {
  Reader reader(numbered(25));
  CHECK(reader.screen().back() == "10 of 25 lines; Space, b, /, q leaves");
  CHECK(reader.type("/nowhere").screen().back() == "/nowhere");
  CHECK(reader.type("\r").screen().back() == "not found: nowhere");
  CHECK(reader.type("j").screen().back() == "11 of 25 lines; Space, b, /, q leaves");
}

TEST_CASE("a line that is longer than the terminal is several rows, and what colours it takes no room") {
  Reader reader("\x1b[1m" + std::string(40, 'h') + "\x1b[0m\n" + std::string(50, 'x') + "\n" + numbered(20));
  const auto rows = reader.screen();
  CHECK(rows[0] == "\x1b[1m" + std::string(40, 'h') + "\x1b[0m");
  CHECK(rows[1] == std::string(40, 'x'));
  CHECK(rows[2] == std::string(10, 'x'));
  CHECK(rows[3] == "line 1");
  Reader wide(std::string(60, ' ') + numbered(20), {.columns = 1, .rows = 1});
  CHECK_FALSE(wide.screen().empty());
  std::string cjk;
  for (int i = 0; i < 25; ++i) cjk += "漢";
  CHECK(Reader(cjk + "\n" + numbered(20)).screen()[1] == "漢漢漢漢漢");
}

TEST_CASE("what is pasted is looked for, and otherwise no key") {
  Reader reader(numbered(25));
  CHECK(reader.type("\x1b[200~q G/\rb\x1b[201~").top() == "line 1");
  CHECK(reader.goes_on);
  CHECK(reader.type("/\x1b[200~line 12\r\x1b[201~").screen().back() == "/line 12");
  CHECK(reader.type("\r").top() == "line 12");
}

TEST_CASE("what is looked for is found once in each place, also where the last screen begins before it") {
  Reader reader(numbered(25));
  CHECK(reader.type("/line 2\r").top() == "line 2");
  for (int found = 20; found <= 25; ++found) CHECK(reader.type("n").top() == "line 16");
  CHECK(reader.type("n").screen().back() == "not found: line 2");
  CHECK(reader.type("gn").top() == "line 2");
  CHECK(reader.type("/line 3\r").top() == "line 3");
  CHECK(reader.type("/\r").screen().back() == "not found: line 3");
}

TEST_CASE("a search begins and ends with the screen's row, inside of a line that is several") {
  Reader reader(numbered(15) + std::string(100, 'x') + "Needle" + std::string(100, 'x') + "\n" + numbered(15));
  CHECK(reader.type("/needle\r").top() == std::string(20, 'x') + "Needle" + std::string(14, 'x'));
}

TEST_CASE("another size keeps the place, inside of a line too") {
  Reader long_line(std::string(1000, 'x') + "here" + std::string(1000, 'y') + "\n" + numbered(100));
  long_line.type("/here\r");
  CHECK(long_line.top() == "here" + std::string(36, 'y'));
  long_line.pager.resize({.columns = 60, .rows = 11});
  CHECK(long_line.top() == std::string(40, 'x') + "here" + std::string(16, 'y'));
  long_line.pager.resize({.columns = 4'000'000'000, .rows = 4'000'000'000});
  CHECK(long_line.screen().size() == 104);  // all of it
  long_line.pager.resize({.columns = 0, .rows = 0});
  CHECK(long_line.screen().size() == 2);
}

TEST_CASE("a line without end goes on in the next one, in front of a whole character and of a whole sequence") {
  constexpr ScreenSize kWide{.columns = 1000, .rows = 500};
  const auto joined = [](const Reader& reader) {
    std::string text;
    auto rows = reader.screen();
    rows.pop_back();
    for (const auto& row : rows) text += row;
    return text;
  };
  for (const std::string character : {"x", "\u00fc", "e\u0301", "\u6f22", "\U0001f600", "\x1b[1mx", "\xff"}) {
    CAPTURE(character);
    for (std::size_t before = 0; before < 7; ++before) {
      std::string line(before, '-');
      while (line.size() < 10'000) line += character;
      const Reader reader(line + "\nend\n", kWide);
      CHECK(joined(reader) == line + "end");
      const auto rows = reader.screen();
      for (std::size_t row = 1; row + 2 < rows.size(); ++row) CHECK(rows[row].starts_with(character));
    }
  }
}

// Each of these would take minutes, were it not for a bound.
TEST_CASE("no text and no keys are work without end") {
  std::string everything;
  std::string line;
  for (int i = 0; i < 30'000; ++i) line += "\u6f22 e\u0301";
  for (int i = 0; i < 4; ++i) everything += line + "\n" + std::string(100'000, 'a') + "\n" + std::string(100'000, '\n');
  Reader reader(std::move(everything), {.columns = 80, .rows = 24});
  for (const std::string keys : {"k", "j", "b ", "gG", "gn", "\x1b[5~\x1b[6~"}) {
    std::string packet = "/" + std::string(63, 'a') + "\u6f22\rG";
    while (packet.size() < 32'000) packet += keys;
    CHECK(reader.type(packet).goes_on);
  }
  for (std::uint32_t i = 1; i < 10'000; ++i) {
    reader.pager.resize({.columns = i % 200, .rows = 24});
    CHECK_FALSE(reader.pager.draw().empty());
  }
}

TEST_CASE("another size keeps the place") {
  Reader reader(numbered(100));
  reader.type("    ");
  CHECK(reader.top() == "line 41");
  reader.pager.resize({.columns = 80, .rows = 25});
  CHECK(reader.top() == "line 41");
  CHECK(reader.screen().size() == 25);
}

TEST_CASE("of a text without end so much is kept, and said how much is not") {
  Reader reader(numbered(600'000), {.columns = 80, .rows = 11});
  const auto rows = reader.type("G").screen();
  CHECK(rows[9].starts_with("... and "));
  CHECK(rows[9].ends_with(" bytes more: --no-pager prints them"));
}

}  // namespace bastion::admin
