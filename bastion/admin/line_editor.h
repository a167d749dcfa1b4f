// One line that is being typed at a terminal in raw mode, and the lines before it: keys in, text for the terminal out.
// Pure.
//
// The keys are those of readline's emacs mode that people use: docs/ADMIN.md lists them. A line that is longer than the
// terminal is wide scrolls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/admin/edited_line.h"
#include "bastion/admin/line_history.h"
#include "bastion/base/key_decoder.h"

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
  // What nobody has read: so many lines, of which this is the first.
  struct Dropped {
    std::string first;
    std::size_t lines = 0;
    bool asks_to_leave = false;  // a q, or Ctrl-C, was among it; a q in a paste does not count

    void add(const Dropped& more);
  };

  // `columns` 0: the terminal does not say.
  LineEditor(std::string prompt, std::uint32_t columns);

  void resize(std::uint32_t columns);
  void ask(std::string prompt) { prompt_ = std::move(prompt); }
  // From now on draw() shows the prompt alone.
  void hide() { is_hidden_ = true; }

  // Takes keys, in pieces of any size, up to the first that means something to others; they are removed from `keys`.
  [[nodiscard]] Event type(std::string_view& keys);
  // Takes keys, all of them, without any effect on the line.
  [[nodiscard]] Dropped drop(std::string_view keys);
  // A paste has begun, and its end has not come yet; only where the terminal says so (xterm's mode 2004).
  [[nodiscard]] bool in_paste() const { return in_paste_; }

  [[nodiscard]] const std::string& line() const { return line_.text(); }
  [[nodiscard]] std::string_view before_cursor() const { return line_.before_cursor(); }
  void insert(std::string_view text) { line_.insert(text); }
  // The line is the newest in the history: unless it is the same as the last one, or blank.
  void remember() { history_.add(line_.text()); }
  // An empty line.
  void clear();

  // What brings the line of the terminal up to date.
  [[nodiscard]] std::string draw() const;

 private:
  // Ctrl-R: what is looked for in the history, and where it was found last.
  struct Search {
    std::string text;
    std::size_t found;
    std::string draft;  // the line before it
    bool fails = false;
  };

  [[nodiscard]] Event press(const Keystroke& stroke);
  [[nodiscard]] Event press_control(char letter);
  void press_alt(char letter);
  void press_in_paste(const Keystroke& stroke);
  void recall(std::optional<std::string> line);
  // Whether it was a key of the search. Any other one ends it, with what was found as the line.
  [[nodiscard]] bool search(const Keystroke& stroke);
  void look_for(std::size_t before);
  [[nodiscard]] std::string prompt() const;

  std::string prompt_;
  std::uint32_t columns_ = 0;
  EditedLine line_;
  LineHistory history_;
  std::optional<Search> search_;
  KeyDecoder keys_;
  bool in_paste_ = false;
  bool is_hidden_ = false;
};

}  // namespace bastion::admin
