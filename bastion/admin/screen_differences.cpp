#include "bastion/admin/screen_differences.h"

#include <fmt/format.h>

#include <utility>

namespace bastion::admin {

// A row is cleared before it is written: behind one that is as wide as the screen, some terminals would clear its last
// character.
std::string ScreenDifferences::draw(const std::vector<std::string>& rows, ScreenSize screen) {
  auto next = rows;
  next.resize(screen.rows);
  const bool knows = shown_ && shown_->size() == next.size();
  std::string drawn = knows ? "" : "\x1b[0m\x1b[H\x1b[2J";
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (knows ? (*shown_)[i] == next[i] : next[i].empty()) continue;
    drawn += fmt::format("\x1b[{};1H\x1b[K{}", i + 1, next[i]);
  }
  shown_ = std::move(next);
  return drawn;
}

}  // namespace bastion::admin
