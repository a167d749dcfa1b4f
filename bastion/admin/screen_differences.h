// What brings a terminal from one screen to the next: the rows that differ, and nothing else. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/pager.h"

namespace bastion::admin {

class ScreenDifferences {
 public:
  // What stands there is not known any more: the next drawing is of everything.
  void forget() { shown_.reset(); }
  // The rows of the screen from its first one on, none of them wider than it is; sequences that shade a text end in its
  // row. Rows that are not there are blank.
  [[nodiscard]] std::string draw(const std::vector<std::string>& rows, ScreenSize screen);

  // The terminal's other screen, without a cursor, and back: what stood there before stands there again. A terminal
  // that has only one is left below what stands on it.
  [[nodiscard]] static std::string_view enter() { return "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"; }
  [[nodiscard]] static std::string_view leave() { return "\x1b[0m\x1b[999;1H\x1b[K\x1b[?25h\x1b[?1049l"; }

 private:
  std::optional<std::vector<std::string>> shown_;
};

}  // namespace bastion::admin
