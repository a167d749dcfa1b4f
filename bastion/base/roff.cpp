#include "bastion/base/roff.h"

#include <algorithm>
#include <cstddef>

namespace bastion {
namespace {

constexpr std::size_t kWidest = 78;
constexpr std::string_view kEllipsis = "…";

// A line that begins with one of these would be a request.
std::string as_text(const std::string& line) {
  return line.starts_with(".") || line.starts_with("'") ? "\\&" + line : line;
}

std::string escaped(std::string_view text) {
  std::string out;
  bool bold = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(kEllipsis)) {
      out += "...";
      i += kEllipsis.size() - 1;
      continue;
    }
    switch (text[i]) {
      case '`':
        bold = !bold;
        out += bold ? "\\fB" : "\\fR";
        break;
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;  // a hyphen would be another character, which no shell takes
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string roff(std::string_view markdown) { return as_text(escaped(markdown)); }

std::string roff_paragraph(std::string_view markdown) {
  const auto text = escaped(markdown);
  std::string out;
  std::string line;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto word = text.substr(begin, end - begin);
    if (!line.empty() && line.size() + 1 + word.size() > kWidest) {
      out += as_text(line) + "\n";
      line.clear();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return out + as_text(line) + "\n";
}

}  // namespace bastion
