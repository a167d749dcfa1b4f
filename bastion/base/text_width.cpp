#include "bastion/base/text_width.h"

#include <utf8proc.h>

#include <algorithm>

namespace bastion {
namespace {

struct CodePoint {
  utf8proc_int32_t value = -1;  // negative: no UTF-8
  std::size_t bytes = 0;

  [[nodiscard]] std::size_t width() const {
    return value < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(value)));
  }
};

CodePoint first_of(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80) return {text.front(), 1};
  CodePoint point;
  const auto longest = std::min<std::size_t>(text.size(), 4);
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(longest), &point.value);
  return bytes > 0 ? CodePoint{point.value, static_cast<std::size_t>(bytes)} : CodePoint{-1, 1};
}

}  // namespace

std::size_t first_character(std::string_view text) {
  if (text.empty()) return 0;
  auto point = first_of(text);
  std::size_t bytes = point.bytes;
  utf8proc_int32_t state = 0;
  while (bytes < text.size() && point.value >= 0) {
    const auto next = first_of(text.substr(bytes));
    if (next.value < 0 || utf8proc_grapheme_break_stateful(point.value, next.value, &state)) break;
    bytes += next.bytes;
    point = next;
  }
  return bytes;
}

// Where a cluster begins is told from what stands before it: from the beginning of the line on.
std::size_t last_character(std::string_view text) {
  std::size_t bytes = 0;
  while (!text.empty()) {
    bytes = first_character(text);
    text.remove_prefix(bytes);
  }
  return bytes;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto point = first_of(text);
    width += point.width();
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::string_view fitting(std::string_view text, std::size_t columns) {
  std::size_t taken = 0;
  for (std::size_t used = 0; taken < text.size();) {
    const auto bytes = first_character(text.substr(taken));
    used += width_of(text.substr(taken, bytes));
    if (used > columns) break;
    taken += bytes;
  }
  return text.substr(0, taken);
}

}  // namespace bastion
