#include "bastion/admin/pager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestSearch = 64;
constexpr std::size_t kMostKeys = 256;  // at once
// More than terminals have: what is drawn, and laid out for it, has a bound too.
constexpr ScreenSize kLargestScreen{.columns = 1000, .rows = 500};
// A longer line goes on in the next one, so that where its rows begin is found without going through all of it.
constexpr std::size_t kLongestTextLine = 4096;
constexpr std::size_t kLongestSequence = 16;

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

// Where the row behind the one that begins at `row` begins.
std::size_t row_behind_in(std::string_view text, std::size_t row, std::size_t columns) {
  const auto end = row + first_row(text.substr(row), columns);
  return end < text.size() && text[end] == '\n' ? end + 1 : end;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t find_in_any_case(std::string_view text, std::string_view searched, std::size_t from) {
  const auto rest = text.substr(std::min(from, text.size()));
  const auto found = std::ranges::search(rest, searched, {}, small, small);
  return found.empty() ? std::string_view::npos : static_cast<std::size_t>(found.data() - text.data());
}

// In front of a whole character and of a whole sequence.
std::size_t end_of_piece(std::string_view line) {
  if (line.size() <= kLongestTextLine) return line.size();
  auto piece = line.substr(0, kLongestTextLine);
  while ((static_cast<unsigned char>(line[piece.size()]) & 0xc0) == 0x80 && piece.size() > kLongestTextLine - 4) {
    piece.remove_suffix(1);
  }
  const auto sequence = piece.rfind('\x1b');
  if (sequence != std::string_view::npos && sequence + kLongestSequence > piece.size()) return sequence;
  return piece.size() - last_character(piece);
}

// The same in lines none of which is long.
std::string in_short_lines(const std::string& text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / kLongestTextLine + 1);
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = rest.substr(0, rest.substr(0, kLongestTextLine + 1).find('\n'));
    const auto end = end_of_piece(line);
    lines.append(line.substr(0, end)).append("\n");
    rest.remove_prefix(end == line.size() ? std::min(end + 1, rest.size()) : end);
  }
  return lines;
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
  std::size_t row = 0;
  for (std::uint32_t rows = 0; row < text.size(); row = row_behind_in(text, row, screen.columns)) {
    if (++rows == screen.rows) return true;
  }
  return false;
}

Pager::Pager(std::string text, ScreenSize screen)
    : text_(in_short_lines(cut(std::move(text)))), lines_(static_cast<std::size_t>(std::ranges::count(text_, '\n'))) {
  resize(screen);
}

// The same text stays on top.
void Pager::resize(ScreenSize screen) {
  screen_ = {.columns = std::clamp(screen.columns, 1U, kLargestScreen.columns),
             .rows = std::min(screen.rows, kLargestScreen.rows)};
  last_top_ = row_before(text_.size(), height());
  if (top_ > 0) top_ = std::min(row_with(top_), last_top_);
}

bool Pager::type(std::string_view& keys) {
  gone_through_ = 0;
  for (std::size_t pressed = 0; const auto stroke = keys_.take(keys); ++pressed) {
    if (pressed >= kMostKeys && !stroke->is_control('c')) continue;
    if (!press(*stroke)) return false;
  }
  return true;
}

bool Pager::press(const Keystroke& stroke) {
  if (stroke.is_control('c')) return false;
  if (stroke.key == Key::paste_begins || stroke.key == Key::paste_ends) in_paste_ = stroke.key == Key::paste_begins;
  if (in_paste_ && stroke.key != Key::text) return true;
  if (search_) {
    press_in_search(stroke);
    return true;
  }
  if (in_paste_) return true;
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
    case Key::home: go_to(0); break;
    case Key::end: go_to(last_top_); break;
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
      if (top_ == last_top_) return false;  // as `more` leaves behind the last screen
      move(page);
      break;
    case 'f': move(page); break;
    case 'b': move(-page); break;
    case 'j': move(1); break;
    case 'k': move(-1); break;
    case 'g': go_to(0); break;
    case 'G': go_to(last_top_); break;
    case '/': search_.emplace(); break;
    case 'n': find_next(); break;
    default: break;
  }
  return true;
}

void Pager::press_in_search(const Keystroke& stroke) {
  if (stroke.key == Key::text && search_->size() + stroke.text.size() <= kLongestSearch) *search_ += stroke.text;
  if (stroke.key == Key::backspace) {
    if (search_->empty()) return search_.reset();
    search_->resize(search_->size() - last_character(*search_));
  }
  if (stroke.key != Key::enter) return;
  const auto typed = *std::exchange(search_, std::nullopt);
  if (!typed.empty()) {
    searched_ = typed;
    found_.reset();
  }
  find_next();
}

void Pager::move(std::ptrdiff_t rows) {
  auto row = rows < 0 ? row_before(top_, static_cast<std::size_t>(-rows)) : top_;
  for (; rows > 0 && row < last_top_; --rows) row = row_behind(row);
  go_to(row);
}

void Pager::go_to(std::size_t row) {
  top_ = std::min(row, last_top_);
  found_.reset();
}

void Pager::find_next() {
  if (searched_.empty() || gone_through_ >= text_.size()) return;
  const auto from = found_ ? *found_ + 1 : row_behind(top_);
  const auto found = find_in_any_case(text_, searched_, from);
  gone_through_ += std::min(found, text_.size()) - std::min(from, text_.size());
  not_found_ = found == std::string::npos;
  if (not_found_) return;
  go_to(row_with(found));
  found_ = found;
}

std::size_t Pager::row_behind(std::size_t row) const { return row_behind_in(text_, row, screen_.columns); }

// So many rows before it, or the first one.
std::size_t Pager::row_before(std::size_t row, std::size_t rows) const {
  while (rows > 0 && row > 0) {
    const auto line = rows_up_to(row - 1);
    const auto taken = std::min(rows, line.size());
    row = line[line.size() - taken];
    rows -= taken;
  }
  return row;
}

// Those of its line.
std::vector<std::size_t> Pager::rows_up_to(std::size_t byte) const {
  const auto line = byte == 0 ? std::string::npos : text_.rfind('\n', byte - 1);
  std::vector<std::size_t> rows;
  for (auto row = line == std::string::npos ? 0 : line + 1; row <= byte; row = row_behind(row)) rows.push_back(row);
  return rows;
}

std::string Pager::status(std::size_t end) const {
  if (search_) return "/" + *search_;
  if (not_found_) return fmt::format("not found: {}", searched_);
  // The line that the last row is of.
  const auto shown = std::ranges::count(std::string_view(text_).substr(0, std::max<std::size_t>(end, 1) - 1), '\n') + 1;
  return fmt::format("{} of {} lines; Space, b, /, q leaves", shown, lines_);
}

std::string Pager::draw() const {
  std::string drawn = "\x1b[H";
  auto row = top_;
  for (std::size_t rows = 0; rows < height() && row < text_.size(); ++rows) {
    const auto end = row_behind(row);
    auto text = std::string_view(text_).substr(row, end - row);
    if (text.ends_with('\n')) text.remove_suffix(1);
    drawn.append(text).append("\x1b[0m\x1b[K\r\n");
    row = end;
  }
  return drawn.append(fitting(status(row), screen_.columns - 1)).append("\x1b[J");
}

}  // namespace bastion::admin
