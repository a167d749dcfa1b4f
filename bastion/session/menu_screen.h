// The container menu as a machine: keys in, text for the terminal out. Pure.
//
// Arrow keys move, a number names a line, letters filter by name; Enter takes what is marked, Ctrl-C, Ctrl-D and Escape
// leave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/choice.h"

namespace bastion::session {

class MenuScreen {
 public:
  enum class Outcome : std::uint8_t { undecided, chosen, left };

  // `choices` has at least one. On a terminal that is called dumb nothing is drawn twice.
  MenuScreen(std::vector<access::Choice> choices, std::string_view terminal, std::uint32_t columns, std::uint32_t rows);

  void resize(std::uint32_t columns, std::uint32_t rows);
  // What the user has typed, in pieces of any size. After another outcome than `undecided` the rest is dropped.
  Outcome type(std::string_view keys);
  // What is marked: valid after `chosen`.
  [[nodiscard]] const access::Choice& marked() const { return choices_[visible_[mark_]]; }

  // What brings the terminal up to date, from wherever the last drawing left it.
  std::string draw();
  // The same when it is over: only what was chosen stays to be read.
  std::string clear();

 private:
  enum class Escape : std::uint8_t { none, begun, sequence };

  Outcome press(char key);
  void on_escape_sequence(char last);
  void move(int by);
  void filter();
  [[nodiscard]] std::string list() const;
  [[nodiscard]] std::string line_of(std::size_t place) const;
  [[nodiscard]] std::string cut(std::string line) const;

  std::vector<access::Choice> choices_;
  std::vector<std::size_t> visible_;  // what the filter leaves, in order
  std::size_t mark_ = 0;              // in visible_
  std::string typed_;
  Escape escape_ = Escape::none;
  bool is_dumb_;
  std::uint32_t columns_ = 0;
  std::uint32_t rows_ = 0;
  std::size_t drawn_lines_ = 0;  // above the line the cursor is in
};

}  // namespace bastion::session
