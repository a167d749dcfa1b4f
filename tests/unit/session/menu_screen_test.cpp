#include "bastion/session/menu_screen.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::session {
namespace {

using Outcome = MenuScreen::Outcome;

MenuScreen menu(std::string_view terminal = "xterm", std::uint32_t columns = 80, std::uint32_t rows = 24) {
  return {{{"db", "be2", "active"}, {"web", "be1", "draining"}, {"bob/shop", "be2", "active"}},
          "alice",
          terminal,
          columns,
          rows};
}

// What the keys choose: a name, `left`, or nothing yet.
std::string chosen(std::string_view keys) {
  auto screen = menu();
  switch (screen.type(keys)) {
    case Outcome::chosen: return screen.marked().name;
    case Outcome::left: return "left";
    case Outcome::undecided: break;
  }
  return "";
}

}  // namespace

TEST_CASE("keys choose") {
  struct Row {
    const char* what;
    std::string_view keys;
    std::string_view chosen;
  };
  const Row rows[] = {
      {"Enter takes the first", "\r", "db"},
      {"arrows move", "\x1b[B\r", "web"},
      {"in application mode too", "\x1bOB\x1bOB\r", "bob/shop"},
      {"and go round", "\x1b[A\r", "bob/shop"},
      {"past the end", "\x1b[B\x1b[B\x1b[B\r", "db"},
      {"Ctrl-N and Ctrl-P", "\x0e\x0e\x10\r", "web"},
      {"a number", "3\r", "bob/shop"},
      {"a number that is none", "9\r", ""},
      {"letters filter", "sh\r", "bob/shop"},
      {"in either case", "SHOP\r", "bob/shop"},
      {"End", "\x1b[F\r", "bob/shop"},
      {"Home", "\x1b[F\x1b[H\r", "db"},
      {"PageDown stops at the last", "\x1b[6~\x1b[6~\r", "bob/shop"},
      {"PageUp stops at the first", "\x1b[B\x1b[5~\r", "db"},
      {"and move in what is left", "b\x1b[B\r", "web"},
      {"backspace takes one back", "wx\x7f\r", "web"},
      {"Ctrl-U takes all", "xyz\x15\r", "db"},
      {"nothing fits, nothing is taken", "xyz\r", ""},
      {"Ctrl-C leaves", "w\x03", "left"},
      {"Ctrl-D leaves", "\x04", "left"},
      {"Escape leaves", "\x1b", "left"},
      {"other keys of a terminal do nothing", "\x1b[3~\x1b[1;5C\r", "db"},
      {"what comes behind the choice is dropped", "2\rrm -rf /\r", "web"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(chosen(row.keys) == row.chosen);
  }
}

TEST_CASE("keys may come one by one") {
  auto screen = menu();
  for (const char key : std::string_view("sh")) CHECK(screen.type({&key, 1}) == Outcome::undecided);
  CHECK(screen.type("\r") == Outcome::chosen);
  CHECK(screen.marked().name == "bob/shop");
}

TEST_CASE("every container stands there with its backend and that one's state") {
  auto screen = menu();
  const auto text = screen.draw();
  CHECK(text.contains("CONTAINER  BACKEND  STATE\r\n"));
  CHECK(text.contains("1  db         be2      active"));
  CHECK(text.contains("2  web        be1      draining"));
  CHECK(text.contains("3  bob/shop   be2      active"));
}

TEST_CASE("whoever is asked reads how not to be asked") {
  auto screen = menu();
  CHECK(screen.draw().contains("next time: ssh alice+db@..."));
  screen.type("\x1b[A");
  CHECK(screen.draw().contains("next time: ssh alice+bob/shop@..."));
  screen.type("nothing");
  CHECK(screen.draw().contains("next time: ssh alice+NAME@..."));
  CHECK(menu("dumb").draw().contains("next time: ssh alice+db@..."));
}

TEST_CASE("the question is whole at every width people have") {
  for (const std::uint32_t columns : {30U, 40U, 80U, 200U}) {
    CAPTURE(columns);
    const auto text = menu("xterm", columns).draw();
    CHECK(text.contains("Ctrl-C leaves\r\n"));
  }
  CHECK(menu("xterm", 80).draw().contains("Arrows"));
}

TEST_CASE("pages are as long as the list on the screen") {
  std::vector<access::Choice> many;
  for (int i = 1; i <= 50; ++i) many.push_back({"c" + std::to_string(i), "be1", "active"});
  MenuScreen screen(many, "alice", "xterm", 80, 15);  // ten of them at once
  screen.type("\x1b[6~");
  CHECK(screen.marked().name == "c11");
  screen.type("\x1b[5~\x1b[5~");
  CHECK(screen.marked().name == "c1");
}

TEST_CASE("drawing again goes back over what was drawn") {
  auto screen = menu();
  screen.draw();
  CHECK(screen.draw().starts_with("\r\x1b[6A\x1b[J"));
  screen.type("sh");
  screen.draw();
  CHECK(screen.clear() == "\r\x1b[4A\x1b[J");
}

TEST_CASE("a line never wraps, and a list never scrolls") {
  auto screen = menu("xterm", 20, 5);
  const auto text = screen.draw();
  CHECK_FALSE(text.contains("Which container? Arrows or"));
  CHECK(text.contains("db"));
  CHECK_FALSE(text.contains("bob"));
  screen.type("\x1b[A");
  CHECK(screen.draw().contains("bob"));
}

TEST_CASE("a dumb terminal gets a list and a prompt") {
  auto screen = menu("dumb");
  const auto text = screen.draw();
  CHECK(text.contains("bob/shop"));
  CHECK_FALSE(text.contains('\x1b'));
  CHECK(screen.type("2") == Outcome::undecided);
  CHECK(screen.draw() == "\r\nA number, then Enter: 2");
}

TEST_CASE("whatever is typed, something can be drawn") {
  auto screen = menu("xterm", 1, 1);
  std::string keys;
  for (int i = 0; i < 2000; ++i) {
    keys += static_cast<char>(i * 7919 % 251);
    screen.type(keys.substr(keys.size() - 1));
    CHECK_FALSE(screen.draw().empty());
  }
}

}  // namespace bastion::session
