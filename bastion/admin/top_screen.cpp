#include "bastion/admin/top_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/printable.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr ScreenSize kUsualScreen{.columns = 80, .rows = 24};
// On less than that nothing can be told apart.
constexpr ScreenSize kLeastScreen{.columns = 40, .rows = 8};
constexpr std::size_t kLongestFilter = 64;
constexpr std::size_t kLongestSaid = 1000;
// Heading, throughput, strangers, loops and the line of keys.
constexpr std::size_t kOtherRows = 5;
// Of a pane that has not the focus.
constexpr std::size_t kLeastRoom = 3;

ScreenSize bounded(ScreenSize screen) {
  if (screen.columns == 0 || screen.rows == 0) return kUsualScreen;
  return {.columns = std::min(screen.columns, TopScreen::kLargest.columns),
          .rows = std::min(screen.rows, TopScreen::kLargest.rows)};
}

void keep(std::deque<double>& numbers, double number) {
  numbers.push_back(number);
  if (numbers.size() > TopScreen::kHistory) numbers.pop_front();
}

bool says_utf8(std::string_view locale) {
  std::string small(locale);
  std::ranges::transform(small, small.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small.contains("utf-8") || small.contains("utf8");
}

std::string in_reverse(const std::string& text) { return fmt::format("\x1b[7m{}\x1b[0m", text); }

std::string_view title_of(TopPane pane) {
  switch (pane) {
    case TopPane::sessions: return "sessions";
    case TopPane::backends: return "backends";
    case TopPane::refusals: return "refusals";
  }
  return "";
}

}  // namespace

TopScreen::TopScreen(Look look, ScreenSize screen) : look_(look), screen_(bounded(screen)) {}

// The console of Linux has none of the blocks that throughput is drawn with.
Glyphs TopScreen::glyphs_for(std::string_view locale, std::string_view terminal) {
  if (terminal == "linux" || terminal.starts_with("vt")) return Glyphs::ascii;
  return locale.empty() || says_utf8(locale) ? Glyphs::unicode : Glyphs::ascii;
}

void TopScreen::resize(ScreenSize screen) {
  screen_ = bounded(screen);
  differences_.forget();
}

void TopScreen::show(std::shared_ptr<const Overview> overview) {
  if (paused_) return;
  overview_ = std::move(overview);
  arrange();
  keep(from_users_, overview_->rate_from_users);
  keep(from_containers_, overview_->rate_from_containers);
}

void TopScreen::arrange() {
  if (!overview_) return;
  sessions_ = sessions_of(*overview_, sort_, filter_);
  backends_ = backends_of(*overview_, filter_);
  refusals_ = refusals_of(*overview_, filter_);
}

void TopScreen::say(std::string_view sentence) { said_ = printable_on_one_line(sentence, kLongestSaid); }

TopScreen::Wish TopScreen::type(std::string_view& keys) {
  bool asked = asks_;
  while (const auto stroke = keys_.take(keys)) {
    if (const auto wish = press(*stroke); wish != Wish::nothing) return wish;
    // What came together with the key that asks was no answer to it.
    if (asks_ && !asked) keys = {};
    asked = asks_;
  }
  return Wish::nothing;
}

TopScreen::Wish TopScreen::press(const Keystroke& stroke) {
  if (stroke.is_control('c')) return Wish::leave;
  if (stroke.key == Key::paste_begins || stroke.key == Key::paste_ends) {
    in_paste_ = stroke.key == Key::paste_begins;
    return Wish::nothing;
  }
  if (types_filter_) {
    press_in_filter(stroke);
    return Wish::nothing;
  }
  if (in_paste_) return Wish::nothing;
  said_.clear();
  if (asks_) return answer(stroke);
  const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(room_of(pane_), 1));
  switch (stroke.key) {
    case Key::text: return press_letter(stroke.text);
    case Key::control:
      if (stroke.letter == 'l') differences_.forget();
      if (stroke.letter == 'd') return Wish::leave;
      break;
    case Key::up: move(-1); break;
    case Key::down: move(1); break;
    case Key::page_up: move(-page); break;
    case Key::page_down: move(page); break;
    case Key::home: move_to_row(0); break;
    case Key::end: move_to_row(count(pane_)); break;
    case Key::tab:
      pane_ = kTopPanes[(static_cast<std::size_t>(pane_) + 1) % kTopPanes.size()];
      row_ = 0;
      break;
    default: break;
  }
  return Wish::nothing;
}

TopScreen::Wish TopScreen::press_letter(std::string_view text) {
  if (std::exchange(helps_, false)) return Wish::nothing;
  switch (text.front()) {
    case 'q':
    case 'Q': return Wish::leave;
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'g': move_to_row(0); break;
    case 'G': move_to_row(count(pane_)); break;
    case 's':
      sort_ = kTopSorts[(static_cast<std::size_t>(sort_) + 1) % kTopSorts.size()];
      arrange();
      break;
    case '/': types_filter_ = true; break;
    case 'p':
    case ' ': paused_ = !paused_; break;
    case 'h':
    case '?': helps_ = true; break;
    case 'K':
    case 'x': ask_to_kill(); break;
    default: break;
  }
  return Wish::nothing;
}

// Escape alone is known by the key behind it: Enter with an empty text is the way back that always works.
void TopScreen::press_in_filter(const Keystroke& stroke) {
  if (stroke.key == Key::text && filter_.size() + stroke.text.size() <= kLongestFilter) filter_ += stroke.text;
  if (stroke.key == Key::backspace && filter_.empty()) types_filter_ = false;
  if (stroke.key == Key::backspace && !filter_.empty()) filter_.resize(filter_.size() - last_character(filter_));
  if (stroke.is_control('u')) filter_.clear();
  if (stroke.key == Key::enter) types_filter_ = false;
  arrange();
}

void TopScreen::ask_to_kill() {
  if (pane_ != TopPane::sessions || count(pane_) == 0) {
    return say("only a session can be ended: Tab goes to them");
  }
  const auto* const one = sessions_[marked_row()];
  marked_session_ = one->live.id;
  victim_ = one->live.id;
  victims_user_ = one->live.user;
  asks_ = true;
}

// Nothing but a yes is one.
TopScreen::Wish TopScreen::answer(const Keystroke& stroke) {
  asks_ = false;
  if (stroke.key == Key::text && (stroke.text == "y" || stroke.text == "Y")) return Wish::kill;
  say("nothing was ended");
  return Wish::nothing;
}

std::size_t TopScreen::count(TopPane pane) const {
  switch (pane) {
    case TopPane::sessions: return sessions_.size();
    case TopPane::backends: return backends_.size();
    case TopPane::refusals: return refusals_.size();
  }
  return 0;
}

// A session keeps the mark wherever it comes to stand; where it has gone, its place does.
std::size_t TopScreen::marked_row() const {
  const auto rows = count(pane_);
  if (rows == 0) return 0;
  if (pane_ == TopPane::sessions && !marked_session_.empty()) {
    const auto found = std::ranges::find(sessions_, marked_session_, [](const auto* one) { return one->live.id; });
    if (found != sessions_.end()) return static_cast<std::size_t>(found - sessions_.begin());
  }
  return std::min(row_, rows - 1);
}

void TopScreen::move(std::ptrdiff_t by) {
  const auto row = static_cast<std::ptrdiff_t>(marked_row()) + by;
  move_to_row(row < 0 ? 0 : static_cast<std::size_t>(row));
}

void TopScreen::move_to_row(std::size_t row) {
  const auto rows = count(pane_);
  row_ = rows == 0 ? 0 : std::min(row, rows - 1);
  if (pane_ == TopPane::sessions && rows > 0) marked_session_ = sessions_[row_]->live.id;
}

// The pane with the focus has what the others leave; these have a part of the screen at most, and a few rows at least.
std::vector<TopScreen::Place> TopScreen::places() const {
  std::vector<Place> places;
  auto left = static_cast<std::size_t>(screen_.rows) - kOtherRows;
  const auto most = std::max<std::size_t>(kLeastRoom, screen_.rows / 5);
  for (const auto pane : {TopPane::backends, TopPane::sessions, TopPane::refusals}) {
    const auto wanted = std::clamp<std::size_t>(count(pane), 1, most);
    const bool fits = pane == pane_ || left >= (wanted + 1) + (kLeastRoom + 1);
    if (!fits) continue;
    const auto room = std::min(wanted, std::max<std::size_t>(left, 2) - 1);
    places.push_back({.pane = pane, .room = room});
    left -= std::min(left, room + 1);
  }
  for (auto& place : places) {
    if (place.pane == pane_) place.room += left;
  }
  return places;
}

std::size_t TopScreen::room_of(TopPane pane) const {
  const auto all = places();
  const auto found = std::ranges::find(all, pane, &Place::pane);
  return found == all.end() ? 0 : found->room;
}

std::string TopScreen::heading() const {
  const auto& view = *overview_;
  auto left = fmt::format(" {} {}  up {}  {} session{}", view.bastion, view.version, long_time(view.at - view.began),
                          view.sessions.size(), view.sessions.size() == 1 ? "" : "s");
  if (view.bastions > 1) left += fmt::format("  {} bastions", view.bastions);
  if (!view.missing.empty()) left += "  " + view.missing;
  const auto right = fmt::format("{} UTC ", text_of_timestamp(view.at).substr(11, 8));
  const auto room = screen_.columns - std::min<std::size_t>(screen_.columns, width_of(right) + 1);
  auto text = line_within(left, room, look_.glyphs);
  text.append(room + 1 - width_of(text), ' ');
  return in_reverse(text + right);
}

std::string TopScreen::throughput() const {
  const auto half = screen_.columns / 2;
  const auto draw = [&](std::string_view name, const std::deque<double>& rates, double rate) {
    const auto text = fmt::format("{} {:>5}B/s ", name, short_bytes(rate));
    const auto room = half - std::min<std::size_t>(half, width_of(text) + 2);
    const std::vector<double> numbers(rates.begin(), rates.end());
    return text + sparkline(numbers, std::min(room, kHistory), look_.glyphs);
  };
  const auto up = draw(" up", from_users_, overview_->rate_from_users);
  const auto down = draw(" down", from_containers_, overview_->rate_from_containers);
  return up + std::string(half - std::min<std::size_t>(half, width_of(up)), ' ') + down;
}

void TopScreen::add_pane(std::vector<std::string>& rows, Place place) const {
  const auto marked = place.pane == pane_ ? marked_row() : 0;
  const auto first = marked < place.room ? 0 : marked + 1 - place.room;
  const auto part_of = [&](const auto& all) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(std::min(first, all.size()));
    return std::decay_t<decltype(all)>(
        begin, begin + std::min<std::ptrdiff_t>(all.end() - begin, static_cast<std::ptrdiff_t>(place.room)));
  };
  TopTable table;
  if (place.pane == TopPane::sessions) table = table_of(*overview_, part_of(sessions_));
  if (place.pane == TopPane::backends) table = table_of(*overview_, part_of(backends_));
  if (place.pane == TopPane::refusals) table = table_of(*overview_, part_of(refusals_));
  const auto lines = lines_of(table, screen_.columns, look_.glyphs, look_.coloured);
  const auto all = count(place.pane);
  auto titles = lines.titles;
  if (place.pane == pane_) titles.front() = '*';
  rows.push_back(shade(cut(titles), Shade::strong));
  for (std::size_t i = 0; i < place.room; ++i) {
    if (i >= lines.rows.size()) {
      rows.push_back(i == 0 ? shade(fmt::format("  no {}", title_of(place.pane)), Shade::dim) : std::string());
      continue;
    }
    const bool is_marked = place.pane == pane_ && first + i == marked;
    const bool goes_on = i + 1 == place.room && first + i + 1 < all;
    rows.push_back((is_marked ? "> " : goes_on ? "+ " : "  ") + lines.rows[i]);
  }
}

std::string TopScreen::status() const {
  if (asks_) return shade(cut(fmt::format(" End session {} of {}? (y/n)", victim_, victims_user_)), Shade::strong);
  if (types_filter_) return cut(fmt::format(" /{}_  Enter: done, Ctrl-U: none", filter_));
  if (!said_.empty()) return shade(cut(" " + said_), Shade::strong);
  auto text = fmt::format(" q quit  h help  Tab pane  s sort: {}  / filter{}  K end  p {}", name_of(sort_),
                          filter_.empty() ? std::string() : fmt::format(": {}", filter_), paused_ ? "go on" : "pause");
  if (paused_) text.insert(0, " PAUSED");
  return shade(cut(text), Shade::dim);
}

std::vector<std::string> TopScreen::help() const {
  std::vector<std::string> rows{shade(cut(" What can be pressed"), Shade::strong), ""};
  for (const std::string_view line :
       {"  Up Down j k      the session, backend or refusal before or behind the one marked with >",
        "  PageUp PageDown  so many at once as there are on the screen",
        "  Home End g G     the first one, the last one", "  Tab              another pane, which gets more room (*)",
        "  s                sorts sessions: by rate, by what they have carried, by user, by age",
        "  /                shows only what has this text somewhere; Enter ends it, Ctrl-U empties it",
        "  K x              ends the session that is marked, when you have said y",
        "  p Space          pauses, and goes on", "  Ctrl-L           draws everything again",
        "  q Ctrl-C         leaves", "", "  up: bytes from users; down: bytes from containers. Rates are per second.",
        "  Any letter leaves this page."}) {
    rows.push_back(cut(line));
  }
  return rows;
}

std::vector<std::string> TopScreen::rows() const {
  if (screen_.columns < kLeastScreen.columns || screen_.rows < kLeastScreen.rows) {
    return {cut(fmt::format("at least {}x{}, please; q quits", kLeastScreen.columns, kLeastScreen.rows))};
  }
  auto rows = helps_ ? help() : std::vector<std::string>{};
  if (!helps_ && !overview_) rows = {cut(" The bastion is asked what happens...")};
  if (!helps_ && overview_) {
    rows = {heading(), throughput()};
    const auto all = places();
    for (const auto place : all) add_pane(rows, place);
    rows.push_back(cut(" strangers  " + line_of_strangers(*overview_)));
    rows.push_back(cut(" loops  " + line_of_loops(*overview_)));
  }
  rows.resize(screen_.rows - 1);
  rows.push_back(status());
  return rows;
}

}  // namespace bastion::admin
