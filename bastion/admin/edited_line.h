// The text of a line and the cursor in it, as they change under the keys of a line editor. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bastion::admin {

// The cursor is at a place in bytes, and never inside of what a user sees as one character.
class EditedLine {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view before_cursor() const { return std::string_view(text_).substr(0, cursor_); }
  [[nodiscard]] std::string_view after_cursor() const { return std::string_view(text_).substr(cursor_); }

  // Nothing happens where the line would become too long for a command.
  void insert(std::string_view text);
  // Another text, with the cursor at its end.
  void set(std::string text);

  void move_left();
  void move_right();
  // Over a word as readline has it: letters and digits.
  void move_word_left();
  void move_word_right();
  void move_to_begin() { cursor_ = 0; }
  void move_to_end() { cursor_ = text_.size(); }

  void erase_left();
  void erase_right();
  // What is erased by these comes back with yank().
  void kill_word_left();
  void kill_word_right();
  void kill_to_blank();  // back to the blank before the word
  void kill_to_begin();
  void kill_to_end();
  void yank() { insert(killed_); }

 private:
  void erase(std::size_t from, std::size_t to);
  void kill(std::size_t from, std::size_t to);

  std::string text_;
  std::size_t cursor_ = 0;
  std::string killed_;
};

}  // namespace bastion::admin
