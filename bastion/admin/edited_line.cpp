#include "bastion/admin/edited_line.h"

#include <cctype>
#include <utility>

#include "bastion/admin/grammar/words.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

// What is beyond ASCII is taken for letters.
bool is_of_word(char c) {
  const auto value = static_cast<unsigned char>(c);
  return value >= 0x80 || std::isalnum(value) != 0;
}

std::size_t begin_of_word(std::string_view text) {
  auto at = text.size();
  while (at > 0 && !is_of_word(text[at - 1])) --at;
  while (at > 0 && is_of_word(text[at - 1])) --at;
  return at;
}

std::size_t end_of_word(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && !is_of_word(text[at])) ++at;
  while (at < text.size() && is_of_word(text[at])) ++at;
  return at;
}

}  // namespace

void EditedLine::insert(std::string_view text) {
  if (text_.size() + text.size() > kLongestLine) return;
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void EditedLine::set(std::string text) {
  text_ = std::move(text);
  cursor_ = text_.size();
}

void EditedLine::move_left() { cursor_ -= last_character(before_cursor()); }
void EditedLine::move_right() { cursor_ += first_character(after_cursor()); }
void EditedLine::move_word_left() { cursor_ = begin_of_word(before_cursor()); }
void EditedLine::move_word_right() { cursor_ += end_of_word(after_cursor()); }

void EditedLine::erase_left() { erase(cursor_ - last_character(before_cursor()), cursor_); }
void EditedLine::erase_right() { erase(cursor_, cursor_ + first_character(after_cursor())); }
void EditedLine::kill_word_left() { kill(begin_of_word(before_cursor()), cursor_); }
void EditedLine::kill_word_right() { kill(cursor_, cursor_ + end_of_word(after_cursor())); }
void EditedLine::kill_to_begin() { kill(0, cursor_); }
void EditedLine::kill_to_end() { kill(cursor_, text_.size()); }

void EditedLine::kill_to_blank() {
  auto from = cursor_;
  while (from > 0 && text_[from - 1] == ' ') --from;
  while (from > 0 && text_[from - 1] != ' ') --from;
  kill(from, cursor_);
}

void EditedLine::erase(std::size_t from, std::size_t to) {
  text_.erase(from, to - from);
  cursor_ = from;
}

void EditedLine::kill(std::size_t from, std::size_t to) {
  if (from == to) return;
  killed_ = text_.substr(from, to - from);
  erase(from, to);
}

}  // namespace bastion::admin
