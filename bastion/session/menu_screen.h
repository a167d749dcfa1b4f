// The container menu as a machine: keys in, text for the terminal out. Pure.
//
// Arrow keys, PageUp, PageDown, Home and End move, a number names a line, letters filter by name in either case; Enter
// takes what is marked, Ctrl-C, Ctrl-D and Escape leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/choice.h"
#include "bastion/base/key_decoder.h"

namespace bastion::session {

class MenuScreen {
 public:
  enum class Outcome : std::uint8_t { undecided, chosen, left };

  // `choices` has at least one, `user` is who chooses. On a terminal that is called dumb nothing is drawn twice.
  MenuScreen(std::vector<access::Choice> choices, std::string user, std::string_view terminal, std::uint32_t columns,
             std::uint32_t rows);

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
  Outcome press(const Keystroke& key);
  Outcome press_control(char letter);
  void move(std::ptrdiff_t by);
  void move_to(std::ptrdiff_t place);
  void filter();
  // On the screen there is no room for more than question, list and prompt.
  [[nodiscard]] bool is_low() const { return !is_dumb_ && rows_ < 8; }
  // Of the list, on the screen.
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] std::string question() const;
  [[nodiscard]] std::string list() const;
  [[nodiscard]] std::string row(std::string_view mark, std::string_view number, const access::Choice& choice) const;
  [[nodiscard]] std::string line_of(std::size_t place) const;
  // How to come here without being asked.
  [[nodiscard]] std::string next_time() const;
  [[nodiscard]] std::string prompt() const;
  [[nodiscard]] std::string cut(std::string_view line) const;

  std::vector<access::Choice> choices_;
  std::string user_;
  std::vector<std::size_t> visible_;  // what the filter leaves, in order
  std::size_t mark_ = 0;              // in visible_
  std::string typed_;
  KeyDecoder keys_;
  bool is_dumb_;
  std::uint32_t columns_ = 0;
  std::uint32_t rows_ = 0;
  std::size_t drawn_lines_ = 0;  // above the line the cursor is in
};

}  // namespace bastion::session
