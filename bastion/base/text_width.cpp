#include "bastion/base/text_width.h"

#include <utf8proc.h>

#include <algorithm>

namespace bastion {
namespace {

// Larger than what is written: four people who embrace have 25 bytes, the flag of a country's part 28.
constexpr std::size_t kLongestCluster = 64;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

struct CodePoint {
  utf8proc_int32_t value = -1;  // negative: no UTF-8
  std::size_t bytes = 0;

  [[nodiscard]] std::size_t width() const {
    if (value >= ' ' && value < 0x7f) return 1;
    return value < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(value)));
  }
};

CodePoint first_of(std::string_view text) {
  if (is_ascii(text.front())) return {text.front(), 1};
  CodePoint point;
  const auto longest = std::min<std::size_t>(text.size(), 4);
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(longest), &point.value);
  return bytes > 0 ? CodePoint{point.value, static_cast<std::size_t>(bytes)} : CodePoint{-1, 1};
}

// Nothing joins ASCII but a carriage return and its line feed (UAX 29, GB3).
bool is_boundary(char before, char after) {
  return is_ascii(before) && is_ascii(after) && !(before == '\r' && after == '\n');
}

// Not more than a cluster before its end, at a place where one begins; where there is none, at a code point.
std::string_view end_of(std::string_view text) {
  if (text.size() <= kLongestCluster) return text;
  for (auto at = text.size() - 1; at > text.size() - kLongestCluster; --at) {
    if (is_boundary(text[at - 1], text[at])) return text.substr(at);
  }
  text = text.substr(text.size() - kLongestCluster);
  std::size_t rest = 0;
  while (rest < 3 && is_continuation(text[rest])) ++rest;
  return text.substr(rest);
}

}  // namespace

std::size_t first_character(std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() > 1 && is_boundary(text[0], text[1])) return 1;
  auto point = first_of(text);
  std::size_t bytes = point.bytes;
  utf8proc_int32_t state = 0;
  while (bytes < text.size() && point.value >= 0) {
    const auto next = first_of(text.substr(bytes));
    if (bytes + next.bytes > kLongestCluster) break;
    if (next.value < 0 || utf8proc_grapheme_break_stateful(point.value, next.value, &state)) break;
    bytes += next.bytes;
    point = next;
  }
  return bytes;
}

// Where a cluster begins is told from what stands before it.
std::size_t last_character(std::string_view text) {
  text = end_of(text);
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
