// Overviews and keys in, screens out: what stands on them is read as a terminal shows it.
#include "bastion/admin/top_screen.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "bastion/admin/top.h"
#include "bastion/base/text_width.h"
#include "tests/support/temporary_folder.h"

namespace bastion::admin {
namespace {

using TopState = upstream::BackendView::State;
using Wish = TopScreen::Wish;

// As much of a terminal as the screen uses: it goes to the beginning of a row, clears, shades and writes.
class ShownScreen {
 public:
  explicit ShownScreen(ScreenSize size) : size_(size), rows_(size.rows) {}

  void take(std::string_view drawn) {
    while (!drawn.empty()) {
      if (drawn.front() != '\x1b') {
        rows_.at(row_) += drawn.front();
        drawn.remove_prefix(1);
        continue;
      }
      const auto end = drawn.find_first_not_of("0123456789;", 2);
      REQUIRE(end != std::string_view::npos);
      obey(drawn[end], std::string(drawn.substr(2, end - 2)));
      drawn.remove_prefix(end + 1);
    }
  }
  [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& row : rows_) text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
    return text;
  }
  // Nothing is written behind the edge.
  [[nodiscard]] bool fits() const {
    return std::ranges::all_of(rows_, [this](const auto& row) { return width_of(row) <= size_.columns; });
  }

 private:
  void obey(char command, const std::string& parameters) {
    if (command == 'H') {
      row_ = parameters.empty() ? 0 : std::stoul(parameters) - 1;
      if (!parameters.empty()) REQUIRE(parameters.ends_with(";1"));
    } else if (command == 'J') {
      std::ranges::fill(rows_, std::string());
    } else if (command == 'K') {
      rows_.at(row_).clear();
    } else {
      REQUIRE(command == 'm');
      // No colour behind the text.
      for (const std::string_view behind : {"40", "41", "42", "43", "44", "45", "46", "47", "48", "100", "107"}) {
        CHECK(parameters != behind);
      }
    }
  }

  ScreenSize size_;
  std::vector<std::string> rows_;
  std::size_t row_ = 0;
};

Overview::Session shown_session(const std::string& id, const std::string& user, std::int64_t since, double rate) {
  return {.live = {.id = id,
                   .user = user,
                   .from_host = "10.1.0.2",
                   .key_fingerprint = {},
                   .container = user + "/web",
                   .route = {"be1", "be2"},
                   .tunnels = {},
                   .since = since,
                   .idle = std::chrono::seconds(4),
                   .bytes_from_user = 1'234,
                   .bytes_from_container = 5'678'900,
                   .channels = 2,
                   .node = "gate"},
          .rate_from_user = rate / 10,
          .rate_from_container = rate};
}

// At 20:14:10 of 2026-11-28.
Overview usual_view() {
  Overview view{};
  view.at = 1'795'896'850;
  view.bastion = "gate";
  view.version = "1.2.3";
  view.began = view.at - 266'400;
  view.for_seconds = 1;
  view.sessions = {shown_session("mvmccbpz", "alice", view.at - 7'200, 12'300),
                   shown_session("k2m4x8aa", "bob", view.at - 60, 0),
                   shown_session("zz4hq1no", "carol", view.at - 90'000, 2'345'678)};
  view.backends = {
      {.name = "be1", .via = {}, .state = TopState::up, .latency_ms = 1.2, .hops = 2, .sessions = 3, .containers = 7},
      {.name = "be2", .via = {"be1"}, .state = TopState::suspect, .hops = 1, .sessions = 3, .containers = 4},
      {.name = "be3", .via = {}, .state = TopState::down, .containers = 1}};
  view.rate_from_users = 235'797;
  view.rate_from_containers = 2'357'978;
  view.refusals = {{{.at = view.at - 5,
                     .from = "10.1.0.9",
                     .user = "dora",
                     .reason = "no_container",
                     .sentence = "you have no container yet",
                     .id = "aaaabbbb"},
                    "gate"},
                   {{.at = view.at - 90,
                     .from = "192.0.2.7",
                     .user = R"(root\x1b\x5b2J)",
                     .reason = "too_many_attempts",
                     .sentence = "has used up its tries (6 attempts, last by publickey)",
                     .id = "ccccdddd"},
                    "gate"}};
  view.strangers = {{"accepted", 31},       {"turned_away", 0},    {"refused_banned", 0},
                    {"refused_penalty", 2}, {"authenticated", 25}, {"ended", 28}};
  view.loops = {{"gate", {.name = "main", .lag = std::chrono::microseconds(40), .sessions = 0}},
                {"gate", {.name = "worker 0", .lag = std::chrono::microseconds(120), .sessions = 2}},
                {"gate", {.name = "strangers 0", .lag = std::chrono::microseconds(12'400), .sessions = 0}}};
  return view;
}

struct Looker {
  explicit Looker(ScreenSize size, TopLook look = {}) : screen(look, size), shown(size) {
    for (const double rate : {0.0, 10.0, 400'000.0, 120'000.0}) {
      auto view = usual_view();
      view.rate_from_users = rate;
      show(view);
    }
    show(usual_view());
  }
  void show(const Overview& view) {
    screen.show(std::make_shared<const Overview>(view));
    draw();
  }
  void draw() {
    last = screen.draw();
    shown.take(last);
  }
  Wish type(std::string_view keys) {
    const auto wish = screen.type(keys);
    draw();
    return wish;
  }
  [[nodiscard]] std::string text() const { return shown.text(); }
  [[nodiscard]] bool has(std::string_view text) const { return shown.text().contains(text); }
  // The row with the mark.
  [[nodiscard]] std::string marked() const {
    for (const auto& row : shown.rows()) {
      if (row.starts_with("> ")) return row;
    }
    return {};
  }

  TopScreen screen;
  ShownScreen shown;
  std::string last;
};

constexpr ScreenSize kNarrow{.columns = 80, .rows = 24};
constexpr ScreenSize kWide{.columns = 200, .rows = 30};

// A screen as it was looked at by somebody, who has found it right: BASTION_UPDATE_DOCS=1 writes what there is now.
void must_be_as_kept(const std::string& screen, std::string_view name) {
  const auto file = std::filesystem::path(BASTION_SOURCE_DIR) / "tests/unit/admin" / name;
  if (std::getenv("BASTION_UPDATE_DOCS") != nullptr) std::ofstream(file) << screen;
  CHECK(screen == test::TemporaryFolder::read(file));
}

}  // namespace

TEST_CASE("top: a screen of 80 columns is as it was looked at") {
  const Looker looker(kNarrow);
  CHECK(looker.shown.fits());
  must_be_as_kept(looker.text(), "top_of_80_columns.txt");
}

TEST_CASE("top: a screen of 200 columns is as it was looked at") {
  const Looker looker(kWide, {.coloured = true, .glyphs = Glyphs::unicode});
  CHECK(looker.shown.fits());
  must_be_as_kept(looker.text(), "top_of_200_columns.txt");
}

TEST_CASE("top: what is drawn again is what differs") {
  Looker looker(kNarrow);
  looker.draw();
  CHECK(looker.last.empty());
  auto view = usual_view();
  view.loops.front().loop.lag = std::chrono::microseconds(50'000);
  view.rate_from_users = 0;
  looker.show(view);
  CHECK(std::ranges::count(looker.last, 'K') == 2);  // rows
  CHECK(looker.last.size() < 700);
  looker.screen.resize({.columns = 80, .rows = 23});
  CHECK(looker.screen.draw().contains("\x1b[2J"));
}

TEST_CASE("top: every size is filled and none is overrun") {
  for (const std::uint32_t columns : {1U, 20U, 40U, 41U, 60U, 79U, 100U, 133U, 200U, 999U}) {
    for (const std::uint32_t rows : {1U, 7U, 8U, 9U, 12U, 24U, 60U, 300U}) {
      CAPTURE(columns);
      CAPTURE(rows);
      TopScreen screen({.coloured = true, .glyphs = Glyphs::unicode}, {.columns = columns, .rows = rows});
      for (const auto* const keys : {"", "\t", "\t", "h"}) {
        std::string_view typed(keys);
        CHECK(screen.type(typed) == Wish::nothing);
        screen.show(std::make_shared<const Overview>(usual_view()));
        const auto drawn = screen.rows();
        CHECK(drawn.size() <= rows);
        ShownScreen shown({.columns = columns, .rows = rows});
        screen.resize({.columns = columns, .rows = rows});
        shown.take(screen.draw());
        CHECK(shown.fits());
      }
    }
  }
}

TEST_CASE("top: without colours there are none, and with ASCII nothing else is written") {
  Looker looker(kNarrow, {.coloured = false, .glyphs = Glyphs::ascii});
  auto view = usual_view();
  view.sessions.front().live.user = "\xc3\xa4lice";
  looker.show(view);
  looker.screen.resize(kNarrow);
  looker.draw();
  for (const std::string_view colour : {"\x1b[31m", "\x1b[1;31m", "\x1b[32m", "\x1b[33m", "\x1b[35m"}) {
    CHECK_FALSE(looker.last.contains(colour));
  }
  CHECK(looker.last.contains("\x1b[7m"));  // what is chosen is seen all the same
  CHECK(std::ranges::all_of(looker.text(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK(looker.has("?lice"));
  CHECK(looker.has("_"));
}

TEST_CASE("top: hostile names are text, in every pane") {
  const std::string hostile =
      "\x1b[2J\x1b]0;x\x07\n\r\xc2\x9b"
      "31m\xe2\x80\xae"
      "evil";
  auto view = usual_view();
  view.bastion = hostile;
  view.missing = hostile;
  auto& live = view.sessions.front().live;
  live.user = live.container = live.from_host = live.id = hostile;
  live.route = {hostile};
  view.backends.front().name = hostile;
  view.refusals.front().refusal = {
      .at = view.at, .from = hostile, .user = hostile, .reason = hostile, .sentence = hostile, .id = hostile};
  view.strangers.front().first = hostile;
  view.loops.front().loop.name = hostile;
  for (const auto size : {kNarrow, kWide}) {
    Looker looker(size);
    looker.show(view);
    for (const auto* const keys : {"", "\x1b[B", "\t", "\t", "\t"}) {
      std::ignore = looker.type(keys);
      for (const auto& row : looker.shown.rows()) {
        CHECK(std::ranges::none_of(row, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
        CHECK_FALSE(row.contains("\xc2\x9b"));
        CHECK_FALSE(row.contains("\xe2\x80\xae"));
      }
      CHECK(looker.shown.fits());
    }
    looker.screen.say(hostile);
    looker.draw();
    CHECK(looker.has("evil"));
  }
}

TEST_CASE("top: the mark moves, and stays with its session wherever that is sorted") {
  Looker looker(kNarrow);
  CHECK(looker.marked().contains("carol"));  // the fastest
  std::ignore = looker.type("\x1b[B");
  CHECK(looker.marked().contains("alice"));
  std::ignore = looker.type("j");
  CHECK(looker.marked().contains("bob"));
  std::ignore = looker.type("j");
  CHECK(looker.marked().contains("bob"));
  std::ignore = looker.type("k");
  CHECK(looker.marked().contains("alice"));
  std::ignore = looker.type("ss");
  CHECK(looker.has("s sort: user"));
  CHECK(looker.marked().contains("alice"));
  std::ignore = looker.type("\x1b[F");
  CHECK(looker.marked().contains("carol"));
  auto view = usual_view();
  view.sessions.pop_back();  // she has left
  looker.show(view);
  CHECK(looker.marked().contains("bob"));
  view.sessions.clear();
  looker.show(view);
  CHECK(looker.marked().empty());
  CHECK(looker.has("no sessions"));
  std::ignore = looker.type("j\x1b[A\x1b[5~\x1b[6~\x1b[H\x1b[FKs");
}

TEST_CASE("top: more than there is room for is scrolled") {
  auto view = usual_view();
  view.sessions.clear();
  for (int i = 0; i < 300; ++i) {
    view.sessions.push_back(shown_session(fmt::format("id{:06}", i), fmt::format("u{:03}", i), view.at - 1'000 + i, 0));
  }
  Looker looker(kNarrow);
  looker.show(view);
  std::ignore = looker.type("G");
  CHECK(looker.marked().contains("u299"));
  std::ignore = looker.type("\x1b[5~");
  CHECK_FALSE(looker.marked().contains("u299"));
  CHECK_FALSE(looker.has("u000"));
  std::ignore = looker.type("g");
  CHECK(looker.marked().contains("u000"));
  CHECK(looker.has("+ "));
}

TEST_CASE("top: a filter shows what has its text, in any case, and is taken away again") {
  Looker looker(kNarrow);
  std::ignore = looker.type("/ALI");
  CHECK(looker.has("/ALI_"));
  CHECK(looker.has("alice"));
  CHECK_FALSE(looker.has("carol"));
  std::ignore = looker.type("q\x7f\r");  // it is text, and taken back
  CHECK(looker.has("/ filter: ALI"));
  std::ignore = looker.type("/\x15\r");
  CHECK(looker.has("carol"));
  std::ignore = looker.type("/" + std::string(500, 'x') + "\r");
  CHECK(looker.shown.fits());
  CHECK(looker.type("q") == Wish::leave);
}

TEST_CASE("top: a session is ended behind a yes, and by nothing that was typed before the question") {
  Looker looker(kNarrow);
  CHECK(looker.type("K") == Wish::nothing);
  CHECK(looker.has("End session zz4hq1no of carol, in carol/web from 10.1.0.2? (y/n)"));
  CHECK(looker.type("n") == Wish::nothing);
  CHECK(looker.has("nothing was ended"));
  CHECK(looker.type("xy") == Wish::nothing);  // in one piece
  CHECK(looker.has("(y/n)"));
  CHECK(looker.type("\r") == Wish::nothing);
  CHECK(looker.type("x") == Wish::nothing);
  auto view = usual_view();
  view.sessions.front().rate_from_container = 9'999'999;  // another one is the fastest now
  looker.show(view);
  CHECK(looker.type("y") == Wish::kill);
  CHECK(looker.screen.victim() == "zz4hq1no");
  std::ignore = looker.type("\x1b[200~");
  CHECK(looker.type("x") == Wish::nothing);
  CHECK_FALSE(looker.has("(y/n)"));
  std::ignore = looker.type("\x1b[201~\tK");
  CHECK(looker.has("only a session can be ended"));
}

TEST_CASE("top: where there is nothing to be ended nothing is asked, and it is said") {
  Looker looker(kNarrow);
  auto view = usual_view();
  view.sessions.clear();
  looker.show(view);
  std::ignore = looker.type("K");
  CHECK(looker.has("there is no session that could be ended"));
  CHECK(looker.type("y") == Wish::nothing);
}

TEST_CASE("top: a question that cannot be read is not asked, and not answered") {
  Looker looker(kNarrow);
  std::ignore = looker.type("K");
  looker.screen.resize({.columns = 20, .rows = 5});
  std::string_view yes("y");
  CHECK(looker.screen.type(yes) == Wish::nothing);
  for (const std::string_view keys : {"K", "y", "h"}) {
    auto typed = keys;
    CHECK(looker.screen.type(typed) == Wish::nothing);
  }
  CHECK(looker.screen.rows() == std::vector<std::string>{"q quits", "40x8 at least"});
  looker.screen.resize(kNarrow);
  looker.draw();
  CHECK_FALSE(looker.has("(y/n)"));
  CHECK(looker.has("carol"));
  looker.screen.resize({.columns = 20, .rows = 5});
  std::string_view quits("q");
  CHECK(looker.screen.type(quits) == Wish::leave);
}

TEST_CASE("top: Escape takes back, and the key behind it is that key") {
  Looker looker(kNarrow);
  std::ignore = looker.type("h");
  std::ignore = looker.type("\x1b");
  CHECK_FALSE(looker.has("What can be pressed"));
  std::ignore = looker.type("K");
  CHECK(looker.has("(y/n)"));
  std::ignore = looker.type("\x1b");
  CHECK(looker.has("nothing was ended"));
  CHECK(looker.type("y") == Wish::nothing);
  std::ignore = looker.type("/ali");
  std::ignore = looker.type("\x1b");
  CHECK(looker.has("carol"));
  std::ignore = looker.type("/ali\r");
  CHECK_FALSE(looker.has("carol"));
  std::ignore = looker.type("\x1b");
  CHECK(looker.has("carol"));
  std::ignore = looker.type("\x1b");  // and what is behind it comes later, on a slow line
  std::ignore = looker.type("[B");
  CHECK_FALSE(looker.has("(y/n)"));
  std::ignore = looker.type("\x1b[200~");
  std::ignore = looker.type("\x1b");  // the end of a paste, in two parts
  std::ignore = looker.type("[201~");
  CHECK(looker.type("q") == Wish::leave);
}

TEST_CASE("top: of more keys than anybody types only Ctrl-C counts") {
  Looker looker(kNarrow);
  std::string many(1'000, 's');
  CHECK(looker.type(many + "h") == Wish::nothing);
  CHECK_FALSE(looker.has("What can be pressed"));
  CHECK(looker.type(many + "q") == Wish::nothing);
  CHECK(looker.type(many + "\x03") == Wish::leave);
  CHECK(looker.type("q") == Wish::leave);
}

TEST_CASE("top: Tab and the arrows go round the lists, each of which keeps its mark") {
  Looker looker(kNarrow);
  std::ignore = looker.type("j");
  CHECK(looker.has(" 2/3\n"));
  std::ignore = looker.type("\t");
  CHECK(looker.has(" 1/2\n"));
  std::ignore = looker.type("\x1b[C");
  CHECK(looker.has(" 1/3\n"));
  std::ignore = looker.type("j");
  CHECK(looker.marked().contains("be2"));
  auto view = usual_view();
  view.backends[1].state = TopState::up;
  looker.show(view);
  CHECK(looker.marked().contains("be2"));
  std::ignore = looker.type("\x1b[D\x1b[D");
  CHECK(looker.has(" 2/3\n"));
  CHECK(looker.marked().contains("alice"));
}

TEST_CASE("top: what has to be looked after comes first") {
  auto view = usual_view();
  std::vector<std::string> names;
  for (const auto* const one : backends_of(view, "")) names.push_back(one->name);
  CHECK(names == std::vector<std::string>{"be3", "be2", "be1"});
}

TEST_CASE("top: a refusal that is marked says all of it") {
  Looker looker(kNarrow);
  CHECK_FALSE(looker.has("you have no container yet"));
  std::ignore = looker.type("\t");
  CHECK(looker.has(" dora (aaaabbbb) from 10.1.0.9: no_container: you have no container yet"));
  std::ignore = looker.type("j");
  CHECK(looker.has("from 192.0.2.7: too_many_attempts"));
  auto view = usual_view();
  view.refusals.insert(view.refusals.begin(), view.refusals.front());
  view.refusals.front().refusal.id = "eeeeffff";
  looker.show(view);
  CHECK(looker.marked().contains("192.0.2.7"));
}

TEST_CASE("top: an empty list says why it is empty") {
  Looker looker(kNarrow);
  std::ignore = looker.type("/carol\r");
  CHECK(looker.has("1 of 3 sessions"));
  CHECK(looker.has("no backends with \"carol\""));
  auto view = usual_view();
  view.refusals.clear();
  view.strangers.clear();
  looker.show(view);
  std::ignore = looker.type("\x1b");
  CHECK(looker.has("  no refusals\n"));
  CHECK(looker.has(" strangers  none yet\n"));
}

TEST_CASE("top: the keys below the screen are whole, however narrow it is") {
  for (std::uint32_t columns = 40; columns < 120; ++columns) {
    TopScreen screen({.coloured = true, .glyphs = Glyphs::unicode}, {.columns = columns, .rows = 24});
    ShownScreen shown({.columns = columns, .rows = 24});
    shown.take(screen.draw());
    const auto& last = shown.rows().back();
    CHECK(last.starts_with(" q quit  h help"));
    CHECK_FALSE(last.contains("…"));
    CHECK(width_of(last) <= columns);
  }
}

TEST_CASE("top: the page of keys has room on a usual screen") {
  Looker looker(kNarrow);
  std::ignore = looker.type("h");
  CHECK_FALSE(looker.has("…"));
  CHECK(looker.has("how many sessions it has."));
  CHECK(looker.has(" any key back  Ctrl-C quit"));
}

TEST_CASE("top: it pauses, helps and is left") {
  Looker looker(kNarrow);
  std::ignore = looker.type("p");
  CHECK(looker.screen.is_paused());
  CHECK(looker.has("PAUSED"));
  auto view = usual_view();
  view.sessions.clear();
  looker.show(view);
  CHECK(looker.has("carol"));
  std::ignore = looker.type("p");
  looker.show(view);
  CHECK_FALSE(looker.has("carol"));
  std::ignore = looker.type("h");
  CHECK(looker.has("What can be pressed"));
  CHECK(looker.type("q") == Wish::nothing);  // leaves the page
  CHECK(looker.type("q") == Wish::leave);
  CHECK(looker.type("\x03") == Wish::leave);
  CHECK(looker.type("/a\x03") == Wish::leave);
}

}  // namespace bastion::admin
