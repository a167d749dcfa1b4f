#include "bastion/admin/line_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/grammar/words.h"

namespace bastion::admin {
namespace {

constexpr std::uint32_t kUsualColumns = 80;
constexpr std::size_t kMaxHistory = 1000;

constexpr char control(char letter) { return static_cast<char>(letter & 0x1f); }
constexpr char kEscape = 0x1b;
constexpr char kDelete = 0x7f;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

// So many characters of it, from that one on.
std::string_view characters(std::string_view text, std::size_t from, std::size_t count) {
  const auto skip = [](std::string_view in, std::size_t characters_to_skip) {
    std::size_t at = 0;
    for (; at < in.size() && characters_to_skip > 0; --characters_to_skip) {
      do ++at;
      while (at < in.size() && is_continuation(in[at]));
    }
    return at;
  };
  text.remove_prefix(skip(text, from));
  return text.substr(0, skip(text, count));
}

}  // namespace

LineEditor::LineEditor(std::string prompt, std::uint32_t columns) : prompt_(std::move(prompt)) { resize(columns); }

void LineEditor::resize(std::uint32_t columns) { columns_ = columns == 0 ? kUsualColumns : columns; }

LineEditor::Event LineEditor::type(std::string_view& keys) {
  while (!keys.empty()) {
    const char key = keys.front();
    keys.remove_prefix(1);
    if (const auto event = press(key); event != Event::none) return event;
  }
  return Event::none;
}

LineEditor::Event LineEditor::press(char key) {
  if (escape_ == Escape::begun) {
    escape_ = key == '[' || key == 'O' ? Escape::sequence : Escape::none;
    parameters_.clear();
    return Event::none;
  }
  if (escape_ == Escape::sequence) {
    if (key < '@') {  // not the last character of a sequence (ECMA-48)
      parameters_ += key;
      return Event::none;
    }
    escape_ = Escape::none;
    on_escape_sequence(key);
    return Event::none;
  }
  const bool was_return = std::exchange(after_return_, key == '\r');
  switch (key) {
    case '\n':
      if (was_return) return Event::none;  // one line end, not two
      return Event::entered;
    case '\r': return Event::entered;
    case '\t': return Event::completion;
    case control('c'): return Event::interrupted;
    case control('d'):
      if (line_.empty()) return Event::left;
      if (cursor_ < line_.size()) {
        const auto from = cursor_;
        move_right();
        erase(from, cursor_);
      }
      break;
    case control('l'): return Event::redraw;
    case control('a'): cursor_ = 0; break;
    case control('e'): cursor_ = line_.size(); break;
    case control('b'): move_left(); break;
    case control('f'): move_right(); break;
    case control('k'): erase(cursor_, line_.size()); break;
    case control('u'): erase(0, cursor_); break;
    case control('w'): erase_word(); break;
    case control('p'): recall(-1); break;
    case control('n'): recall(1); break;
    case control('h'):
    case kDelete:
      if (cursor_ > 0) {
        const auto to = cursor_;
        move_left();
        erase(cursor_, to);
      }
      break;
    case kEscape: escape_ = Escape::begun; break;
    default:
      if (static_cast<unsigned char>(key) >= ' ') insert(std::string_view(&key, 1));
  }
  return Event::none;
}

void LineEditor::on_escape_sequence(char last) {
  switch (last) {
    case 'A': return recall(-1);
    case 'B': return recall(1);
    case 'C': return move_right();
    case 'D': return move_left();
    case 'H': cursor_ = 0; return;
    case 'F': cursor_ = line_.size(); return;
    case '~':
      if (parameters_ == "1" || parameters_ == "7") cursor_ = 0;
      if (parameters_ == "4" || parameters_ == "8") cursor_ = line_.size();
      if (parameters_ == "3" && cursor_ < line_.size()) {
        const auto from = cursor_;
        move_right();
        erase(from, cursor_);
      }
      return;
    default: return;
  }
}

void LineEditor::move_left() {
  while (cursor_ > 0 && is_continuation(line_[--cursor_])) {
  }
}

void LineEditor::move_right() {
  if (cursor_ < line_.size()) ++cursor_;
  while (cursor_ < line_.size() && is_continuation(line_[cursor_])) ++cursor_;
}

void LineEditor::erase(std::size_t from, std::size_t to) {
  line_.erase(from, to - from);
  cursor_ = from;
}

void LineEditor::erase_word() {
  auto from = cursor_;
  while (from > 0 && line_[from - 1] == ' ') --from;
  while (from > 0 && line_[from - 1] != ' ') --from;
  erase(from, cursor_);
}

void LineEditor::recall(int step) {
  if (step < 0 ? recalled_ == 0 : recalled_ >= history_.size()) return;
  if (recalled_ == history_.size()) draft_ = line_;
  step < 0 ? --recalled_ : ++recalled_;
  line_ = recalled_ == history_.size() ? draft_ : history_[recalled_];
  cursor_ = line_.size();
}

void LineEditor::insert(std::string_view text) {
  if (line_.size() + text.size() > kLongestLine) return;
  line_.insert(cursor_, text);
  cursor_ += text.size();
}

void LineEditor::remember() {
  if (!is_blank(line_) && (history_.empty() || history_.back() != line_)) history_.push_back(line_);
  if (history_.size() > kMaxHistory) history_.erase(history_.begin());
}

void LineEditor::clear() {
  line_.clear();
  cursor_ = 0;
  recalled_ = history_.size();
  draft_.clear();
}

// The last column stays free: a terminal that has been written to its very end may have wrapped already.
std::string LineEditor::draw() const {
  const auto prompt_width = width_of(prompt_);
  const std::size_t room = columns_ > prompt_width + 1 ? columns_ - prompt_width - 1 : 1;
  const auto at = width_of(before_cursor());
  const auto first = at < room ? 0 : at - room + 1;
  const auto column = prompt_width + at - first;
  auto text = fmt::format("\r{}{}\x1b[K\r", prompt_, characters(line_, first, room));
  if (column > 0) text += fmt::format("\x1b[{}C", column);
  return text;
}

}  // namespace bastion::admin
