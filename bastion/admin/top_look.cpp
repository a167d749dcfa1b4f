#include "bastion/admin/top_look.h"

#include <fmt/format.h>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/top_text.h"

namespace bastion::admin {
namespace {

std::string_view sequence_of(Shade shade, bool coloured) {
  switch (shade) {
    case Shade::plain: return "";
    case Shade::good: return coloured ? "\x1b[32m" : "";
    case Shade::doubtful: return coloured ? "\x1b[35m" : "";
    case Shade::bad: return coloured ? "\x1b[1;31m" : "\x1b[1m";
    case Shade::dim: return "\x1b[2m";
    case Shade::strong: return "\x1b[1m";
    case Shade::title: return "\x1b[4m";
    case Shade::title_in_focus: return "\x1b[1;4m";
    case Shade::reverse: return "\x1b[7m";
  }
  return "";
}

}  // namespace

TopLook look_of(std::string_view terminal, const std::function<std::string(std::string_view name)>& environment) {
  std::string locale;
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (locale.empty()) locale = environment(name);
  }
  return {.coloured = knows_colours(terminal) && environment("NO_COLOR").empty(),
          .glyphs = glyphs_for(locale, terminal)};
}

// The console of Linux has none of the blocks that throughput is drawn with.
Glyphs glyphs_for(std::string_view locale, std::string_view terminal) {
  if (terminal == "linux" || terminal.starts_with("vt")) return Glyphs::ascii;
  const bool is_utf8 = contains_in_any_case(locale, "utf-8") || contains_in_any_case(locale, "utf8");
  return locale.empty() || is_utf8 ? Glyphs::unicode : Glyphs::ascii;
}

std::string shaded(const std::string& text, Shade shade, bool coloured) {
  const auto sequence = sequence_of(shade, coloured);
  return sequence.empty() ? text : fmt::format("{}{}\x1b[0m", sequence, text);
}

}  // namespace bastion::admin
