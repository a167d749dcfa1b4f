#include "bastion/admin/pager.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestSearch = 64;

// A sequence that sets how what follows looks, as headings have it: it takes no room. 0: none begins here.
std::size_t length_of_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const auto last = text.find_first_not_of("0123456789;", 2);
  return last == std::string_view::npos ? text.size() : last + 1;
}

// How many bytes go into the first row of a terminal, without the line feed.
std::size_t first_row(std::string_view text, std::size_t columns) {
  std::size_t taken = 0;
  for (std::size_t used = 0; taken < text.size() && text[taken] != '\n';) {
    const auto rest = text.substr(taken);
    if (const auto sequence = length_of_sequence(rest); sequence > 0) {
      taken += sequence;
      continue;
    }
    const auto bytes = first_character(rest);
    used += width_of(rest.substr(0, bytes));
    if (used > columns && taken > 0) break;
    taken += bytes;
  }
  return taken;
}

// Where each row begins; no more than `most` of them.
std::vector<std::size_t> rows_of(std::string_view text, std::size_t columns, std::size_t most) {
  std::vector<std::size_t> rows;
  for (std::size_t at = 0; at < text.size() && rows.size() < most;) {
    rows.push_back(at);
    at += first_row(text.substr(at), columns);
    if (at < text.size() && text[at] == '\n') ++at;
  }
  return rows;
}

bool contains_in_any_case(std::string_view text, std::string_view searched) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return !std::ranges::search(text, searched, same).empty();
}

// The rest is named: nothing is left out in silence.
std::string cut(std::string text) {
  if (text.size() <= Pager::kLongest) return text;
  const auto end = text.rfind('\n', Pager::kLongest);
  const auto kept = end == std::string::npos ? Pager::kLongest : end + 1;
  const auto rest = text.size() - kept;
  text.resize(kept);
  text.shrink_to_fit();
  return text + fmt::format("... and {} bytes more: --no-pager prints them\n", rest);
}

}  // namespace

bool Pager::is_needed(std::string_view text, ScreenSize screen) {
  if (screen.columns == 0 || screen.rows == 0) return false;
  return rows_of(text, screen.columns, screen.rows).size() >= screen.rows;
}

Pager::Pager(std::string text, ScreenSize screen) : text_(cut(std::move(text))) { resize(screen); }

// The same text stays on top.
void Pager::resize(ScreenSize screen) {
  const auto at = rows_.empty() ? 0 : rows_[top_];
  screen_ = {.columns = std::max(screen.columns, 1U), .rows = screen.rows};
  rows_ = rows_of(text_, screen_.columns, text_.size());
  const auto behind = std::ranges::upper_bound(rows_, at);
  top_ = behind == rows_.begin() ? 0 : static_cast<std::size_t>(behind - rows_.begin()) - 1;
  move(0);
}

bool Pager::type(std::string_view& keys) {
  while (const auto stroke = keys_.take(keys)) {
    if (!press(*stroke)) return false;
  }
  return true;
}

bool Pager::press(const Keystroke& stroke) {
  if (stroke.is_control('c')) return false;
  if (search_) {
    press_in_search(stroke);
    return true;
  }
  not_found_ = false;
  const auto page = static_cast<std::ptrdiff_t>(height());
  switch (stroke.key) {
    case Key::text: return press_letter(stroke.text.front());
    case Key::control:
      if (stroke.letter == 'f' || stroke.letter == 'd') move(page);
      if (stroke.letter == 'b' || stroke.letter == 'u') move(-page);
      break;
    case Key::enter:
    case Key::down: move(1); break;
    case Key::up: move(-1); break;
    case Key::page_down: move(page); break;
    case Key::page_up: move(-page); break;
    case Key::home: top_ = 0; break;
    case Key::end: top_ = last_top(); break;
    default: break;
  }
  return true;
}

bool Pager::press_letter(char letter) {
  const auto page = static_cast<std::ptrdiff_t>(height());
  switch (letter) {
    case 'q':
    case 'Q': return false;
    case ' ':
      if (top_ == last_top()) return false;  // as `more` leaves behind the last screen
      move(page);
      break;
    case 'f': move(page); break;
    case 'b': move(-page); break;
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'g': top_ = 0; break;
    case 'G': top_ = last_top(); break;
    case '/': search_.emplace(); break;
    case 'n': find_next(); break;
    default: break;
  }
  return true;
}

void Pager::press_in_search(const Keystroke& stroke) {
  if (stroke.key == Key::text && search_->size() < kLongestSearch) *search_ += stroke.text;
  if (stroke.key == Key::backspace) {
    if (search_->empty()) return search_.reset();
    search_->resize(search_->size() - last_character(*search_));
  }
  if (stroke.key != Key::enter) return;
  const auto typed = *std::exchange(search_, std::nullopt);
  if (!typed.empty()) searched_ = typed;
  find_next();
}

void Pager::move(std::ptrdiff_t rows) {
  const auto to = static_cast<std::ptrdiff_t>(top_) + rows;
  top_ = std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(to, 0)), last_top());
}

void Pager::find_next() {
  if (searched_.empty()) return;
  for (auto number = top_ + 1; number < rows_.size(); ++number) {
    if (!contains_in_any_case(row(number), searched_)) continue;
    top_ = std::min(number, last_top());
    return;
  }
  not_found_ = true;
}

std::string_view Pager::row(std::size_t number) const {
  const auto end = number + 1 < rows_.size() ? rows_[number + 1] : text_.size();
  auto row = std::string_view(text_).substr(rows_[number], end - rows_[number]);
  if (row.ends_with('\n')) row.remove_suffix(1);
  return row;
}

std::string Pager::status() const {
  if (search_) return "/" + *search_;
  if (not_found_) return fmt::format("not found: {}", searched_);
  const auto shown = std::min(top_ + height(), rows_.size());
  return fmt::format("{} of {} rows; Space, b, /, q leaves", shown, rows_.size());
}

std::string Pager::draw() const {
  std::string drawn = "\x1b[H";
  for (auto number = top_; number < std::min(top_ + height(), rows_.size()); ++number) {
    drawn.append(row(number)).append("\x1b[0m\x1b[K\r\n");
  }
  return drawn.append(fitting(status(), screen_.columns - 1)).append("\x1b[J");
}

}  // namespace bastion::admin
