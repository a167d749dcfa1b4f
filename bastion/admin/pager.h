// An answer that is higher than the terminal, a screen at a time: keys in, text for the terminal out. Pure.
//
// Space, PageDown, Ctrl-F and Ctrl-D go a screen on, b, PageUp, Ctrl-B and Ctrl-U back; Enter, j and Down a row, k and
// Up one back; g, Home and G, End to an end; / looks for a text and n for the next place; q and Ctrl-C leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/key_decoder.h"

namespace bastion::admin {

// What a terminal shows; 0: it does not say.
struct ScreenSize {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
};

class Pager {
 public:
  // So much of a text is shown at most, in bytes: who wants more of it at once has it written to a file.
  static constexpr std::size_t kLongest = std::size_t{4} * 1024 * 1024;

  // Whether it is higher than the screen. Where its size is not known, nothing is.
  [[nodiscard]] static bool is_needed(std::string_view text, ScreenSize screen);

  Pager(std::string text, ScreenSize screen);

  void resize(ScreenSize screen);
  // False when it is over; what is behind that key stays in `keys`.
  [[nodiscard]] bool type(std::string_view& keys);
  // The screen as it should be.
  [[nodiscard]] std::string draw() const;
  // Takes the line away that says which keys there are.
  [[nodiscard]] static std::string clear() { return "\r\x1b[K"; }

 private:
  [[nodiscard]] bool press(const Keystroke& stroke);
  [[nodiscard]] bool press_letter(char letter);
  void press_in_search(const Keystroke& stroke);
  void move(std::ptrdiff_t rows);
  void find_next();
  [[nodiscard]] std::size_t height() const { return screen_.rows > 2 ? screen_.rows - 1 : 1; }
  [[nodiscard]] std::size_t last_top() const { return rows_.size() > height() ? rows_.size() - height() : 0; }
  [[nodiscard]] std::string_view row(std::size_t number) const;
  [[nodiscard]] std::string status() const;

  std::string text_;
  ScreenSize screen_;
  std::vector<std::size_t> rows_;  // where each row of the terminal begins
  std::size_t top_ = 0;            // the first row on the screen
  std::string searched_;
  std::optional<std::string> search_;  // while it is typed
  bool not_found_ = false;
  KeyDecoder keys_;
};

}  // namespace bastion::admin
