#include "bastion/base/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace bastion {
namespace {

constexpr char32_t kLastOfAscii = 0x7f;  // DEL

// What the first byte of a sequence of this length has above its payload, and the least that needs the length (Unicode,
// table 3-7: a longer form of the same character is no UTF-8).
struct Form {
  unsigned char mask;
  unsigned char mark;
  char32_t least;
};
constexpr std::array kForms{Form{0xe0, 0xc0, 0x80}, Form{0xf0, 0xe0, 0x800}, Form{0xf8, 0xf0, 0x10000}};

// What a terminal or an editor shows in another order or not at all: two texts look like one then, or a line like
// another one (UAX #9, CVE-2021-42574). In order; the joiners U+200C and U+200D are left alone, and what selects a
// variation.
struct Span {
  char32_t first;
  char32_t last;
};
constexpr std::array kMisleading{
    Span{0x00ad, 0x00ad},   Span{0x034f, 0x034f},   Span{0x061c, 0x061c},   Span{0x115f, 0x1160},
    Span{0x17b4, 0x17b5},   Span{0x180e, 0x180e},   Span{0x200b, 0x200b},   Span{0x200e, 0x200f},
    Span{0x2028, 0x202e},   Span{0x2060, 0x206f},   Span{0x3164, 0x3164},   Span{0xfeff, 0xfeff},
    Span{0xffa0, 0xffa0},   Span{0xfff0, 0xfffb},   Span{0x1bca0, 0x1bca3}, Span{0x1d173, 0x1d17a},
    Span{0xe0000, 0xe00ff}, Span{0xe01f0, 0xe0fff},
};

bool is_misleading(char32_t character) {
  const auto* const span = std::ranges::lower_bound(kMisleading, character, {}, &Span::last);
  return span != kMisleading.end() && character >= span->first;
}

bool is_printable(char32_t character) {
  const bool is_control = character < 0x20 || (character >= kLastOfAscii && character < 0xa0);
  const bool is_surrogate = character >= 0xd800 && character < 0xe000;
  return !is_control && !is_surrogate && character < 0x110000 && !is_misleading(character);
}

// How many bytes the printable character has that `text` begins with; 0: it begins with none.
std::size_t size_of_first(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first <= kLastOfAscii) return first >= 0x20 && first < kLastOfAscii ? 1 : 0;
  for (std::size_t more = 1; more <= kForms.size(); ++more) {
    const auto& form = kForms.at(more - 1);
    if ((first & form.mask) != form.mark || text.size() <= more) continue;
    auto character = static_cast<char32_t>(first & static_cast<unsigned char>(~form.mask));
    for (const char c : text.substr(1, more)) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte & 0xc0) != 0x80) return 0;
      character = (character << 6) | (byte & 0x3fU);
    }
    return character >= form.least && is_printable(character) ? more + 1 : 0;
  }
  return 0;
}

}  // namespace

std::string printable(std::string text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = size_of_first(std::string_view(text).substr(at));
    if (size == 0) text[at] = '?';
    at += std::max<std::size_t>(size, 1);
  }
  return text;
}

std::string printable_lines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const auto end = text.find_first_of("\t\r\n");
    lines += printable(std::string(text.substr(0, end)));
    if (end == std::string_view::npos) {
      lines += '\n';
      break;
    }
    const bool is_pair = text.substr(end).starts_with("\r\n");
    lines += text[end] == '\t' ? '\t' : '\n';
    text.remove_prefix(end + (is_pair ? 2 : 1));
    if (text.empty() && lines.back() == '\t') lines += '\n';
  }
  return lines;
}

std::string printable_on_one_line(std::string_view text, std::size_t most) {
  constexpr std::string_view kSpace = " \t\r\n";
  constexpr std::string_view kMore = "...";
  std::string line;
  for (auto begin = text.find_first_not_of(kSpace); begin != std::string_view::npos && line.size() <= most;) {
    const auto end = std::min(text.find_first_of(kSpace, begin), text.size());
    if (!line.empty()) line += ' ';
    line += printable(std::string(text.substr(begin, end - begin)));
    begin = text.find_first_not_of(kSpace, end);
  }
  if (line.size() <= most) return line;
  auto cut = most - std::min(most, kMore.size());
  while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;  // in front of a whole character
  line.resize(cut);
  return line + std::string(kMore);
}

}  // namespace bastion
