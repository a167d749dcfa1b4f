// One line that is being typed at a terminal in raw mode, and the lines before it: keys in, text for the terminal out.
// Pure.
//
// Arrows, Home, End, Delete; Ctrl-A B E F move, Ctrl-H D K U W erase, Ctrl-P N go through the history, Ctrl-L redraws.
// A line that is longer than the terminal is wide scrolls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::admin {

class LineEditor {
 public:
  enum class Event : std::uint8_t {
    none,         // everything was taken; draw()
    entered,      // line() is complete
    interrupted,  // Ctrl-C
    left,         // Ctrl-D on an empty line
    completion,   // Tab
    redraw,       // Ctrl-L: the screen is to be cleared
  };

  // `columns` 0: the terminal does not say.
  LineEditor(std::string prompt, std::uint32_t columns);

  void resize(std::uint32_t columns);
  void ask(std::string prompt) { prompt_ = std::move(prompt); }

  // Takes keys, in pieces of any size, up to the first that means something to others; they are removed from `keys`.
  [[nodiscard]] Event type(std::string_view& keys);

  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] std::string_view before_cursor() const { return std::string_view(line_).substr(0, cursor_); }
  void insert(std::string_view text);
  // An empty line, and the next one is the newest in the history: unless it is the same as the last one, or blank.
  void remember();
  void clear();

  // What brings the line of the terminal up to date.
  [[nodiscard]] std::string draw() const;

 private:
  enum class Escape : std::uint8_t { none, begun, sequence };

  [[nodiscard]] Event press(char key);
  void on_escape_sequence(char last);
  void move_left();
  void move_right();
  void erase(std::size_t from, std::size_t to);
  void erase_word();
  void recall(int step);

  std::string prompt_;
  std::uint32_t columns_ = 0;
  std::string line_;
  std::size_t cursor_ = 0;  // in bytes; never inside a character
  std::vector<std::string> history_;
  std::size_t recalled_ = 0;  // history_.size(): the line is none of them
  std::string draft_;         // what was being typed before the history was looked at
  Escape escape_ = Escape::none;
  std::string parameters_;  // of the sequence so far
  bool after_return_ = false;
};

}  // namespace bastion::admin
