// What a terminal in raw mode sends, as the keys that were pressed: ECMA-48 sequences as xterm, the Linux console, rxvt
// and PuTTY write them, and pasted text between its brackets (xterm's mode 2004). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bastion {

enum class Key : std::uint8_t {
  text,     // a character: Keystroke::text
  control,  // with Ctrl: Keystroke::letter, in lower case
  alt,      // with Alt, or behind Escape: Keystroke::letter, in lower case; DEL for backspace
  enter,
  tab,
  backspace,
  erase,  // Delete
  up,
  down,
  left,
  right,
  word_left,  // with Ctrl or Alt
  word_right,
  home,
  end,
  page_up,
  page_down,
  paste_begins,
  paste_ends,
  other,
};

struct Keystroke {
  Key key = Key::other;
  std::string text = {};
  char letter = 0;

  [[nodiscard]] bool is_control(char wanted) const { return key == Key::control && letter == wanted; }
};

class KeyDecoder {
 public:
  // The first whole keystroke, whose bytes are removed from `bytes`; nothing when all of them are taken and the next
  // keystroke is not whole yet. What is neither text nor a sequence is left out. CR LF is one Enter.
  [[nodiscard]] std::optional<Keystroke> take(std::string_view& bytes);

  // An Escape has come, and nothing behind it: with what comes next it may still become another key.
  [[nodiscard]] bool after_escape() const { return escape_ == Escape::begun; }

 private:
  enum class Escape : std::uint8_t { none, begun, control_sequence, single_shift, function_key };

  [[nodiscard]] std::optional<Keystroke> press(char byte);
  [[nodiscard]] std::optional<Keystroke> press_after_escape(char byte);
  [[nodiscard]] std::optional<Keystroke> press_in_sequence(char byte);
  [[nodiscard]] std::optional<Keystroke> press_plain(char byte);
  [[nodiscard]] std::optional<Keystroke> press_text(char byte);

  Escape escape_ = Escape::none;
  std::string parameters_;  // of the sequence so far, as many of them as any key has
  std::string character_;   // of several bytes, so far
  bool after_return_ = false;
};

}  // namespace bastion
