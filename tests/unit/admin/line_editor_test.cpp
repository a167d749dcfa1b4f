// Keys in, line out.
#include "bastion/admin/line_editor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace bastion::admin {
namespace {

using Event = LineEditor::Event;

constexpr const char* kLeft = "\x1b[D";
constexpr const char* kRight = "\x1b[C";
constexpr const char* kUp = "\x1b[A";
constexpr const char* kDown = "\x1b[B";

struct Typist {
  LineEditor editor{"> ", 80};

  // The event that ended it; what was not taken is typed again.
  std::vector<Event> type(std::string_view keys) {
    std::vector<Event> events;
    while (!keys.empty()) events.push_back(editor.type(keys));
    return events;
  }
  // The line with a bar where the cursor is.
  std::string after(const std::string& keys) {
    std::ignore = type(keys);
    const std::string before{editor.before_cursor()};
    return fmt::format("{}|{}", before, editor.line().substr(before.size()));
  }
  void enter(const std::string& line) {
    std::ignore = type(line);
    editor.remember();
    editor.clear();
  }
};

std::string after(const std::string& keys) { return Typist().after(keys); }

}  // namespace

TEST_CASE("keys edit the line") {
  const std::string abc = "ab c";
  CHECK(after(abc) == "ab c|");
  CHECK(after(abc + kLeft + kLeft) == "ab| c");
  CHECK(after(abc + kLeft + kLeft + kRight) == "ab |c");
  CHECK(after(abc + kLeft + "x") == "ab x|c");
  CHECK(after(abc + "\x01") == "|ab c");
  CHECK(after(abc + "\x01\x05") == "ab c|");
  CHECK(after(abc + "\x1b[H") == "|ab c");
  CHECK(after(abc + "\x1bOH\x1bOF") == "ab c|");
  CHECK(after(abc + "\x1b[1~\x1b[4~\x1b[1~") == "|ab c");
  CHECK(after(abc + "\x02\x02\x06") == "ab |c");
  CHECK(after(abc + "\x7f") == "ab |");
  CHECK(after(abc + "\x08\x08") == "ab|");
  CHECK(after(abc + "\x01\x1b[3~") == "|b c");
  CHECK(after(abc + "\x01\x04") == "|b c");
  CHECK(after(abc + kLeft + kLeft + "\x0b") == "ab|");
  CHECK(after(abc + kLeft + "\x15") == "|c");
  CHECK(after(abc + "\x17") == "ab |");
  CHECK(after(abc + "\x17\x17\x17") == "|");
}

TEST_CASE("keys that mean nothing change nothing") {
  CHECK(after(std::string("ab") + "\x1b[15~" + "\x1b[Z" + "\x1bq" + '\0') == "ab|");
  CHECK(after(std::string(kLeft) + kRight + "\x7f\x1b[3~\x0b\x15\x17") == "|");
}

TEST_CASE("keys may come in pieces") {
  Typist typist;
  for (const char c : std::string("ab") + kLeft) std::ignore = typist.type(std::string_view(&c, 1));
  CHECK(typist.after("") == "a|b");
}

TEST_CASE("a character of several bytes is one") {
  CHECK(after(std::string("grü") + kLeft + "x") == "grx|ü");
  CHECK(after("grü\x7f") == "gr|");
  CHECK(after("ü\x01\x04") == "|");
}

TEST_CASE("what means something to others is told") {
  Typist typist;
  CHECK(typist.type("ab\r") == std::vector{Event::entered});
  CHECK(typist.editor.line() == "ab");
  CHECK(typist.type("\n").back() == Event::none);  // the second half of one line end
  CHECK(typist.type("\n").back() == Event::entered);
  CHECK(typist.type("x\tb\x03") == std::vector{Event::completion, Event::interrupted});
  CHECK(typist.type("\x0c") == std::vector{Event::redraw});
  CHECK(typist.type("\x04").back() != Event::left);
  typist.editor.clear();
  CHECK(typist.type("\x04") == std::vector{Event::left});
}

TEST_CASE("lines can be recalled, and what was being typed comes back") {
  Typist typist;
  for (const auto* line : {"one", "two", "two", "  "}) typist.enter(line);
  CHECK(typist.after("dra") == "dra|");
  CHECK(typist.after(kUp) == "two|");
  CHECK(typist.after(kUp) == "one|");
  CHECK(typist.after(kUp) == "one|");
  CHECK(typist.after("\x0e") == "two|");
  CHECK(typist.after(kDown) == "dra|");
  CHECK(typist.after(kDown) == "dra|");
  CHECK(typist.after("\x10") == "two|");
}

TEST_CASE("the line is drawn with the cursor in its place") {
  Typist typist;
  CHECK(typist.editor.draw() == "\r> \x1b[K\r\x1b[2C");
  typist.after(std::string("user") + kLeft);
  CHECK(typist.editor.draw() == "\r> user\x1b[K\r\x1b[5C");
}

TEST_CASE("a line that is longer than the terminal scrolls") {
  Typist typist;
  typist.editor.resize(10);  // 7 characters beside the prompt
  typist.after("abcdefghij");
  CHECK(typist.editor.draw() == "\r> efghij\x1b[K\r\x1b[8C");
  typist.after("\x01");
  CHECK(typist.editor.draw() == "\r> abcdefg\x1b[K\r\x1b[2C");
  typist.editor.resize(1);
  CHECK(typist.editor.draw().contains("> a"));
}

TEST_CASE("keys move and erase by words") {
  const std::string line = "user show al/web";
  CHECK(after(line + "\x1b"
                     "b") == "user show al/|web");
  CHECK(after(line + "\x1b[1;5D\x1b[1;3D") == "user show |al/web");
  CHECK(after(line + "\x01\x1b[1;5C") == "user| show al/web");
  CHECK(after(line + "\x01\x1b"
                     "f\x1b"
                     "F") == "user show| al/web");
  CHECK(after(line + "\x01\x1b"
                     "d") == "| show al/web");
  CHECK(after(line + "\x1b\x7f") == "user show al/|");
  CHECK(after(line + "\x17") == "user show |");
  CHECK(after(line + "\x17\x01\x19") == "al/web|user show ");  // what was erased last comes back
  CHECK(after("größe 漢字\x1b"
              "b") == "größe |漢字");
}

TEST_CASE("wide characters and what combines with them are moved over at once, and take their room") {
  CHECK(after(std::string("a漢") + kLeft) == "a|漢");
  CHECK(after("e\u0301\x7f") == "|");
  CHECK(after(std::string("xe\u0301") + kLeft) == "x|e\u0301");
  Typist typist;
  typist.after("漢字");
  CHECK(typist.editor.draw() == "\r> 漢字\x1b[K\r\x1b[6C");
  typist.editor.resize(8);  // room for five columns beside the prompt
  typist.after("漢字");
  CHECK(typist.editor.draw() == "\r> 漢字\x1b[K\r\x1b[6C");
}

TEST_CASE("the history is searched while one types") {
  Typist typist;
  for (const auto* line : {"user add nina", "user list", "route nina", "user show nina"}) typist.enter(line);
  constexpr const char* kSearch = "\x12";
  typist.after("draft");
  SUBCASE("backwards, and further back with every Ctrl-R") {
    CHECK(typist.after(std::string(kSearch) + "nin") == "user show nina|");
    CHECK(typist.editor.draw().starts_with("\r(search \"nin\") user show nina"));
    CHECK(typist.after(kSearch) == "route nina|");
    CHECK(typist.after(kSearch) == "user add nina|");
    CHECK(typist.after(kSearch) == "user add nina|");
    CHECK(typist.editor.draw().starts_with("\r(not found: \"nin\") "));
  }
  SUBCASE("what is typed further narrows it") {
    CHECK(typist.after(std::string(kSearch) + "user") == "user show nina|");
    CHECK(typist.after(" l") == "user list|");
    CHECK(typist.after("\x7f") == "user show nina|");
  }
  SUBCASE("Enter takes it, and other keys edit it") {
    CHECK(typist.type(std::string(kSearch) + "list\r").back() == Event::entered);
    CHECK(typist.editor.line() == "user list");
    CHECK(typist.after(std::string("\x15") + kSearch + "list" + kLeft) == "user lis|t");
  }
  SUBCASE("Ctrl-G brings back what was typed") {
    CHECK(typist.after(std::string(kSearch) + "nina\x07") == "draft|");
    CHECK(typist.editor.draw().starts_with("\r> draft"));
  }
  SUBCASE("Ctrl-C is still Ctrl-C") {
    CHECK(typist.type(std::string(kSearch) + "nina\x03").back() == Event::interrupted);
    typist.editor.clear();
    CHECK(typist.editor.draw().starts_with("\r> "));
  }
}

TEST_CASE("what is looked for in the history has a bound, and its end is what is shown") {
  Typist typist;
  typist.enter(std::string(200, 'x'));
  typist.after("\x12" + std::string(63, 'x') + "yz" + std::string(40'000, 'x'));
  const auto drawn = typist.editor.draw();
  CHECK(drawn.starts_with("\r(not found: \"xxx"));
  CHECK(drawn.contains("xxxy\") "));  // the 64th is the last one
  for (const std::uint32_t columns : {80U, 40U, 20U}) {
    typist.editor.resize(columns);
    const auto line = typist.editor.draw();
    CHECK(line.find("\x1b[K") < columns + 1);
  }
  CHECK(typist.after(std::string(64, '\x7f') + "x") == std::string(200, 'x') + "|");
}

TEST_CASE("the history has a bound, in lines and in bytes") {
  Typist typist;
  for (int i = 0; i < 1100; ++i) typist.enter(fmt::format("line {}", i));
  std::string up;
  for (int i = 0; i < 2000; ++i) up += kUp;
  CHECK(typist.after(up) == "line 100|");
  typist.editor.clear();
  for (char c = 'a'; c <= 'j'; ++c) typist.enter(std::string(60'000, c));
  CHECK(typist.after(up) == std::string(60'000, 'g') + "|");
}

// Each of these would take minutes, were a key to cost as much as the line is long.
TEST_CASE("keys cost the same in a line of any length") {
  for (const std::string character : {"x", "\u00fc", "e\u0301", "\U0001f1e9\U0001f1ea"}) {
    CAPTURE(character);
    std::string line;
    while (line.size() + character.size() <= 64 * 1024) line += character;
    const auto count = line.size() / character.size();
    Typist typist;
    typist.after(line);
    CHECK(typist.after(std::string(1000, '\x02') + std::string(1000, '\x06')) == line + "|");
    CHECK(typist.after(std::string(count, '\x7f')) == "|");
  }
}

TEST_CASE("only text and line ends of a paste count") {
  Typist typist;
  CHECK(typist.after("\x1b[200~a\tb\x01\x1b[Dc") == "a bc|");
  CHECK(typist.editor.in_paste());
  CHECK(typist.after("\x1b[201~\x01") == "|a bc");
  CHECK_FALSE(typist.editor.in_paste());
  CHECK(typist.type("\x1b[200~x\ry").front() == Event::entered);
  CHECK(typist.type("\x03").back() == Event::interrupted);
  CHECK_FALSE(typist.editor.in_paste());
}

TEST_CASE("what is dropped is counted, and leaves the line alone") {
  Typist typist;
  typist.after("here");
  const auto dropped = typist.editor.drop("\r\nuser add p4\ruser\x1b[A list\r\rrest");
  CHECK(dropped.lines == 3);
  CHECK(dropped.first == "user add p4");
  CHECK(typist.editor.drop("\x1b[A\r\t").lines == 0);
  CHECK(typist.after("") == "here|");
  CHECK(typist.editor.drop("\x1b[200~a").lines == 1);
  CHECK(typist.editor.in_paste());
  std::ignore = typist.editor.drop("b\x1b[20");
  std::ignore = typist.editor.drop("1~");
  CHECK_FALSE(typist.editor.in_paste());
}

TEST_CASE("what is dropped may ask to leave, but not with a q that was pasted") {
  struct Row {
    std::string_view keys;
    bool leaves;
  };
  const Row rows[] = {{"q", true},
                      {"xq", true},
                      {"\x03", true},
                      {"x\r\x1bq", false},
                      {"Q", false},
                      {"\x1b[200~q\r", false},
                      {"\x1b[200~q\x1b[201~q", true},
                      {"\x1b[200~q\x03", true}};
  for (const auto& row : rows) {
    CAPTURE(row.keys);
    CHECK(Typist().editor.drop(row.keys).asks_to_leave == row.leaves);
  }
}

TEST_CASE("what is inserted stands before the cursor") {
  Typist typist;
  typist.after(std::string("ac") + kLeft);
  typist.editor.insert("b");
  CHECK(typist.after("") == "ab|c");
}

}  // namespace bastion::admin
