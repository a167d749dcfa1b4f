// An answer that is higher than the terminal, a screen at a time, on the terminal's other screen: keys in, text for the
// terminal out. Pure. A key costs about as much as a screen of text, however long the text is; a search goes through
// it.
//
// Space, PageDown, Ctrl-F and Ctrl-D go a screen on, b, PageUp, Ctrl-B and Ctrl-U back; Enter, j and Down a row, k and
// Up one back; g, Home and G, End to an end; / looks for a text and n for the next place; q and Ctrl-C leave.
// Of pasted text only what is looked for counts.
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
  static constexpr std::size_t kLongest = std::size_t{1024} * 1024;

  // Whether it is higher than the screen. Where its size is not known, nothing is.
  [[nodiscard]] static bool is_needed(std::string_view text, ScreenSize screen);

  Pager(std::string text, ScreenSize screen);

  void resize(ScreenSize screen);
  // False when it is over; what is behind that key stays in `keys`. Of more keys at once than anybody types, only
  // Ctrl-C counts.
  [[nodiscard]] bool type(std::string_view& keys);
  // The screen as it should be.
  [[nodiscard]] std::string draw() const;
  // The terminal's other screen, before the first drawing, and the one before it (xterm's mode 1049). A terminal that
  // has only one is left without the line that says which keys there are.
  [[nodiscard]] static std::string_view enter() { return "\x1b[?1049h"; }
  [[nodiscard]] static std::string_view leave() { return "\r\x1b[K\x1b[?1049l"; }

 private:
  [[nodiscard]] bool press(const Keystroke& stroke);
  [[nodiscard]] bool press_letter(char letter);
  void press_in_search(const Keystroke& stroke);
  void move(std::ptrdiff_t rows);
  void go_to(std::size_t row);
  void find_next();
  [[nodiscard]] std::size_t height() const { return screen_.rows > 2 ? screen_.rows - 1 : 1; }
  // A row of the terminal is named by the byte it begins at.
  [[nodiscard]] std::size_t row_behind(std::size_t row) const;
  [[nodiscard]] std::size_t row_before(std::size_t row, std::size_t rows) const;
  [[nodiscard]] std::size_t row_with(std::size_t byte) const { return rows_up_to(byte).back(); }
  [[nodiscard]] std::vector<std::size_t> rows_up_to(std::size_t byte) const;
  // Below a screen that ends before `end`.
  [[nodiscard]] std::string status(std::size_t end) const;

  std::string text_;       // whole lines, none of them long
  std::size_t lines_ = 0;  // of them
  ScreenSize screen_;
  std::size_t top_ = 0;       // the first row on the screen
  std::size_t last_top_ = 0;  // with which the last row is on it
  std::string searched_;
  std::optional<std::string> search_;  // while it is typed
  std::optional<std::size_t> found_;   // where the text was found last, unless one has moved since
  std::size_t gone_through_ = 0;       // by searches for the keys that came last
  bool not_found_ = false;
  bool in_paste_ = false;
  KeyDecoder keys_;
};

}  // namespace bastion::admin
