#include "bastion/admin/top_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "bastion/admin/top_keys.h"
#include "bastion/admin/top_text.h"
#include "bastion/base/printable.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr ScreenSize kUsualScreen{.columns = 80, .rows = 24};
constexpr std::size_t kMostKeysAtOnce = 64;
constexpr std::size_t kLongestFilter = 64;
// Of a filter, where keys stand beside it.
constexpr std::size_t kShownFilter = 20;
constexpr std::size_t kLongestSaid = 1000;
constexpr std::string_view kYesOrNo = " (y/n)";
// Heading, throughput, strangers, loops and the line of keys.
constexpr std::size_t kOtherRows = 5;
// Of a pane that has not the focus.
constexpr std::size_t kLeastRoom = 3;

ScreenSize bounded(ScreenSize screen) {
  if (screen.columns == 0 || screen.rows == 0) return kUsualScreen;
  return {.columns = std::min(screen.columns, TopScreen::kLargest.columns),
          .rows = std::min(screen.rows, TopScreen::kLargest.rows)};
}

template <typename Value>
std::vector<const Value*> part_of(const std::vector<const Value*>& all, std::size_t first, std::size_t most) {
  const auto begin = std::min(first, all.size());
  const auto end = std::min(begin + most, all.size());
  return {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

TopScreen::TopScreen(TopLook look, ScreenSize screen) : look_(look), screen_(bounded(screen)) {}

// Nobody can answer a question that cannot be read.
void TopScreen::resize(ScreenSize screen) {
  screen_ = bounded(screen);
  differences_.forget();
  if (is_too_small()) question_.clear();
}

void TopScreen::show(std::shared_ptr<const Overview> overview) {
  if (paused_) return;
  overview_ = std::move(overview);
  arrange();
  throughput_.add(*overview_);
}

void TopScreen::arrange() {
  is_stale_ = false;
  if (!overview_) return;
  sessions_ = sessions_of(*overview_, sort_, filter_);
  backends_ = backends_of(*overview_, filter_);
  refusals_ = refusals_of(*overview_, filter_);
}

void TopScreen::arrange_where_stale() {
  if (is_stale_) arrange();
}

void TopScreen::say(std::string_view sentence) { said_ = printable_on_one_line(sentence, kLongestSaid); }

TopScreen::Wish TopScreen::type(std::string_view& keys) {
  pressed_ = 0;
  const auto wish = press_all(keys);
  // With nothing behind it, it is that key, and no beginning of another one.
  if (wish == Wish::nothing && keys_.after_escape() && !in_paste_) press_escape();
  arrange_where_stale();
  return wish;
}

TopScreen::Wish TopScreen::press_all(std::string_view& keys) {
  bool asked = !question_.empty();
  while (const auto stroke = keys_.take(keys)) {
    if (const auto wish = press(*stroke); wish != Wish::nothing) return wish;
    // What came together with the key that asks was no answer to it.
    if (!question_.empty() && !asked) keys = {};
    asked = !question_.empty();
  }
  return Wish::nothing;
}

TopScreen::Wish TopScreen::press(const Keystroke& stroke) {
  if (stroke.is_control('c')) return Wish::leave;
  if (stroke.key == Key::paste_begins || stroke.key == Key::paste_ends) {
    in_paste_ = stroke.key == Key::paste_begins;
    return Wish::nothing;
  }
  if (types_filter_ && stroke.key == Key::text) {
    press_in_filter(stroke);
    return Wish::nothing;
  }
  if (++pressed_ > kMostKeysAtOnce) return Wish::nothing;
  if (types_filter_) {
    press_in_filter(stroke);
    return Wish::nothing;
  }
  return in_paste_ ? Wish::nothing : press_key(stroke);
}

TopScreen::Wish TopScreen::press_key(const Keystroke& stroke) {
  said_.clear();
  if (is_too_small()) return stroke.text == "q" || stroke.is_control('d') ? Wish::leave : Wish::nothing;
  if (!question_.empty()) return answer(stroke);
  if (std::exchange(helps_, false)) return Wish::nothing;
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
    case Key::right: go_to_pane(1); break;
    case Key::left: go_to_pane(kTopPanes.size() - 1); break;
    default: break;
  }
  return Wish::nothing;
}

TopScreen::Wish TopScreen::press_letter(std::string_view text) {
  switch (text.front()) {
    case 'q': return Wish::leave;
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'g': move_to_row(0); break;
    case 'G': move_to_row(count(pane_)); break;
    case 's':
      sort_ = kTopSorts[(static_cast<std::size_t>(sort_) + 1) % kTopSorts.size()];
      is_stale_ = true;
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

void TopScreen::press_in_filter(const Keystroke& stroke) {
  if (stroke.key == Key::text && filter_.size() + stroke.text.size() <= kLongestFilter) filter_ += stroke.text;
  if (stroke.key == Key::backspace && filter_.empty()) types_filter_ = false;
  if (stroke.key == Key::backspace && !filter_.empty()) filter_.resize(filter_.size() - last_character(filter_));
  if (stroke.is_control('u')) filter_.clear();
  if (stroke.key == Key::enter) types_filter_ = false;
  is_stale_ = true;
}

void TopScreen::press_escape() {
  keys_ = {};
  said_.clear();
  if (!std::exchange(question_, {}).empty()) return say("nothing was ended");
  if (std::exchange(helps_, false)) return;
  types_filter_ = false;
  filter_.clear();
  is_stale_ = true;
}

void TopScreen::ask_to_kill() {
  if (pane_ != TopPane::sessions) return say("only a session can be ended: Tab goes to them");
  arrange_where_stale();
  if (sessions_.empty()) return say("there is no session that could be ended");
  const auto& live = sessions_[marked_row()]->live;
  move_to_row(marked_row());
  victim_ = live.id;
  question_ =
      fmt::format(" End session {} of {}, {}from {}?", live.id, live.user,
                  live.container.empty() ? std::string() : fmt::format("in {} ", live.container), live.from_host);
}

// Nothing but a yes is one.
TopScreen::Wish TopScreen::answer(const Keystroke& stroke) {
  question_.clear();
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

std::string_view TopScreen::name_of_row(TopPane pane, std::size_t row) const {
  if (row >= count(pane)) return {};
  switch (pane) {
    case TopPane::sessions: return sessions_[row]->live.id;
    case TopPane::backends: return backends_[row]->name;
    case TopPane::refusals: return refusals_[row]->refusal.id;
  }
  return {};
}

std::size_t TopScreen::marked_row() const {
  const auto rows = count(pane_);
  const auto& [name, row] = mark(pane_);
  for (std::size_t i = 0; i < rows && !name.empty(); ++i) {
    if (name_of_row(pane_, i) == name) return i;
  }
  return rows == 0 ? 0 : std::min(row, rows - 1);
}

void TopScreen::go_to_pane(std::size_t places_further) {
  pane_ = kTopPanes[(static_cast<std::size_t>(pane_) + places_further) % kTopPanes.size()];
}

void TopScreen::move(std::ptrdiff_t by) {
  arrange_where_stale();
  const auto row = static_cast<std::ptrdiff_t>(marked_row()) + by;
  move_to_row(row < 0 ? 0 : static_cast<std::size_t>(row));
}

void TopScreen::move_to_row(std::size_t row) {
  arrange_where_stale();
  const auto rows = count(pane_);
  const auto there = rows == 0 ? 0 : std::min(row, rows - 1);
  marks_.at(static_cast<std::size_t>(pane_)) = {.name = std::string(name_of_row(pane_, there)), .row = there};
}

// The pane with the focus has what the others leave; these have a part of the screen at most, and a few rows at least.
std::vector<TopScreen::Place> TopScreen::places() const {
  std::vector<Place> places;
  auto left = static_cast<std::size_t>(screen_.rows) - kOtherRows;
  const auto most = std::max<std::size_t>(kLeastRoom, screen_.rows / 5);
  for (const auto pane : kTopPanes) {
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

TopTable TopScreen::table_of_rows(TopPane pane, std::size_t first, std::size_t most) const {
  switch (pane) {
    case TopPane::sessions: return table_of(*overview_, part_of(sessions_, first, most));
    case TopPane::backends: return table_of(*overview_, part_of(backends_, first, most));
    case TopPane::refusals: return table_of(*overview_, part_of(refusals_, first, most));
  }
  return {};
}

void TopScreen::add_pane(std::vector<std::string>& rows, Place place) const {
  const bool has_focus = place.pane == pane_;
  const auto all = count(place.pane);
  const auto marked = has_focus ? marked_row() : 0;
  const auto first = marked < place.room ? 0 : marked + 1 - place.room;
  const TopMarks marks{.chosen = has_focus ? std::optional(marked - first) : std::nullopt,
                       .goes_on_above = first > 0,
                       .goes_on_below = first + place.room < all};
  auto lines = lines_of(table_of_rows(place.pane, first, place.room), screen_.columns, look_, marks);
  if (has_focus) lines.titles.front() = '*';
  rows.push_back(shade(cut(lines.titles), has_focus ? Shade::title_in_focus : Shade::title));
  if (all == 0) {
    const auto which = filter_.empty() ? std::string() : fmt::format(" with \"{}\"", filter_);
    lines.rows = {shade(cut(fmt::format("  no {}{}", name_of(place.pane), which)), Shade::dim)};
  }
  lines.rows.resize(place.room);
  std::ranges::move(lines.rows, std::back_inserter(rows));
}

// A refusal that is marked has more to say than its row has room for.
std::string TopScreen::below_panes() const {
  if (pane_ != TopPane::refusals || refusals_.empty()) return cut(" strangers  " + line_of_strangers(*overview_));
  return cut(" " + line_of(*refusals_[marked_row()]));
}

std::string TopScreen::cut(std::string_view text) const { return line_within(text, screen_.columns, look_.glyphs); }

std::string TopScreen::status() const {
  if (!question_.empty()) {
    const auto room = screen_.columns - kYesOrNo.size();
    return shade(line_within(question_, room, look_.glyphs) + std::string(kYesOrNo), Shade::strong);
  }
  if (types_filter_) return cut(fmt::format(" /{}_  Enter: done, Escape: everything", filter_));
  if (!said_.empty()) return shade(cut(" " + said_), Shade::strong);
  return keys_line();
}

std::string TopScreen::keys_line() const {
  if (helps_) {
    const std::vector<ShownKey> keys{{"any key", "back"}, {"Ctrl-C", "quit"}};
    return line_of_keys(keys, {}, screen_.columns, look_);
  }
  const auto filter = line_within(filter_, kShownFilter, look_.glyphs);
  std::vector<ShownKey> keys{{"q", "quit"},
                             {"h", "help"},
                             {"Tab", "list"},
                             {"s", fmt::format("sort: {}", name_of(sort_))},
                             {"/", filter.empty() ? "filter" : fmt::format("filter: {}", filter)},
                             {"K", "end"},
                             {"p", "pause"}};
  if (paused_) {
    keys.pop_back();
    keys.insert(keys.begin(), {"PAUSED", "(p goes on)"});
  }
  const auto rows = count(pane_);
  const auto place = fmt::format("{}/{}", rows == 0 ? 0 : marked_row() + 1, rows);
  return line_of_keys(keys, place, screen_.columns, look_);
}

std::vector<std::string> TopScreen::page() const {
  if (helps_) return page_of_keys(screen_.columns, look_);
  if (!overview_) return {cut(" The bastion is asked what happens...")};
  const auto heading = heading_of(*overview_, sessions_.size(), screen_.columns, look_.glyphs);
  std::vector<std::string> rows{shade(heading, Shade::reverse), row_of(throughput_, screen_.columns, look_.glyphs)};
  const auto all = places();
  for (const auto place : all) add_pane(rows, place);
  rows.push_back(below_panes());
  rows.push_back(cut(" loops  " + line_of_loops(*overview_)));
  return rows;
}

std::vector<std::string> TopScreen::rows() const {
  if (is_too_small()) {
    std::vector<std::string> rows{cut("q quits"), cut(fmt::format("{}x{} at least", kLeast.columns, kLeast.rows))};
    rows.resize(std::min<std::size_t>(rows.size(), screen_.rows));
    return rows;
  }
  auto rows = page();
  rows.resize(screen_.rows - 1);
  rows.push_back(status());
  return rows;
}

}  // namespace bastion::admin
