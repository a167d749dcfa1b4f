// What was shown at a user's terminal, for somebody else's: it may draw, but not ask that terminal anything, nor change
// what it sends, its title, its clipboard or its keys (ECMA-48, and xterm's ctlseqs). Pure; the text comes from
// containers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bastion::record {

class Harmless {
 public:
  // `lines`: no sequence passes at all, and each line ends with one `\n`.
  enum class For : std::uint8_t { terminal, lines };
  explicit Harmless(For what) : for_(what) {}

  // UTF-8. What is not complete waits for the next text.
  void append(std::string_view text, std::string& out);

 private:
  enum class State : std::uint8_t { text, escape, control, string, string_escape };

  void on_text(std::string_view character, std::string& out);
  void on_control(char c, std::string& out);
  void on_escape(char c, std::string& out);
  void on_sequence(char c, std::string& out);

  For for_;
  State state_ = State::text;
  std::string sequence_;       // what has come of one, from its ESC on
  std::string character_;      // what has come of a character of several bytes
  bool after_return_ = false;  // of lines: a carriage return
};

}  // namespace bastion::record
