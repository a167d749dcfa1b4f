// What a terminal shows after what `top` has drawn on it, and what is promised of that.
#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/top_screen.h"
#include "bastion/base/text_width.h"
#include "tests/fuzz/require.h"

namespace bastion::fuzz {

// It knows the sequences that `top` writes: a row begins, a row or all of it is cleared, a text is shaded.
class DrawnScreen {
 public:
  // Draws, and looks at what stands there then.
  void draw(admin::TopScreen& screen, admin::ScreenSize size) {
    rows_.resize(size.rows);
    const auto drawn = screen.draw();
    for (std::string_view rest = drawn; !rest.empty();) take(rest);
    auto wanted = screen.rows();
    wanted.resize(size.rows);
    require(rows_ == wanted, "differences lead to the screen");
    for (const auto& row : rows_) require(width_of(without_shades(row)) <= size.columns, "no row is too wide");
  }

 private:
  // Up to its last byte, which is left out of `text`.
  static std::string_view parameters(std::string_view text) {
    const auto end = text.find_first_not_of("0123456789;", 2);
    require(text.starts_with("\x1b[") && end != std::string_view::npos, "a sequence is whole");
    return text.substr(2, end - 2);
  }

  static std::string without_shades(std::string_view row) {
    std::string text;
    while (!row.empty()) {
      const bool is_sequence = row.front() == '\x1b';
      const auto length = is_sequence ? parameters(row).size() + 3 : 1;
      require(is_sequence ? row[length - 1] == 'm' : row.front() >= ' ' || row.front() < 0, "only a shade is no text");
      require(row.front() != 0x7f, "nothing else controls the terminal");
      if (!is_sequence) text += row.front();
      row.remove_prefix(length);
    }
    require(!text.contains("\xc2\x9b"), "nor does a control of eight bits");
    return text;
  }

  void take(std::string_view& drawn) {
    if (drawn.front() != '\x1b') {
      rows_.at(row_) += drawn.front();
      return drawn.remove_prefix(1);
    }
    const auto numbers = parameters(drawn);
    const auto sequence = drawn.substr(0, numbers.size() + 3);
    drawn.remove_prefix(sequence.size());
    switch (sequence.back()) {
      case 'H': return go_to(numbers);
      case 'J': return rows_.assign(rows_.size(), {});
      case 'K': return rows_.at(row_).clear();
      default: break;
    }
    require(sequence.back() == 'm', "nothing else is written");
    // What is set before everything is drawn belongs to no row.
    if (!drawn.starts_with("\x1b[H")) rows_.at(row_) += sequence;
  }

  void go_to(std::string_view numbers) {
    std::size_t row = 1;
    std::from_chars(numbers.data(), numbers.data() + numbers.size(), row);
    require(row >= 1 && row <= rows_.size(), "it is a row of the screen");
    row_ = row - 1;
  }

  std::vector<std::string> rows_;
  std::size_t row_ = 0;
};

}  // namespace bastion::fuzz
