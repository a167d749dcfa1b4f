#include "bastion/admin/top_keys.h"

#include <fmt/format.h>

#include <array>

#include "bastion/admin/top_text.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::array<std::string_view, 17> kPage{
    "  Up Down j k       to another row of the list that is marked with *",
    "  PageUp PageDown   as many rows as there are on the screen",
    "  Home End g G      to the first row, to the last one",
    "  Tab, Left Right   to another list, which gets more room",
    "  s                 sorts sessions by rate, by what they have carried, by user,",
    "                    by age",
    "  /                 shows only what has this text somewhere. Enter keeps it,",
    "                    Escape shows everything again",
    "  K x               ends the session with >, once you have said y",
    "  p Space           pauses, and goes on",
    "  Ctrl-L            draws everything again",
    "  q Ctrl-C          leaves",
    "",
    "  UP is from users, DOWN from containers, in bytes; /s: a second. max: the most",
    "  of what is drawn. +: the list goes on. LATENCY: of the last sign of life.",
    "  strangers: what became of connections before anybody was logged in.",
    "  loops: how late each thread is, and in brackets how many sessions it has."};

}  // namespace

std::string line_of_keys(std::span<const ShownKey> keys, std::string_view else_said, std::size_t columns,
                         TopLook look) {
  std::string line;
  std::size_t used = 0;
  for (const auto& [key, what] : keys) {
    const auto between = used == 0 ? 1U : 2U;
    const auto shown = cell_text_within(what, columns, look.glyphs);
    const auto width = between + width_of(key) + 1 + width_of(shown);
    if (used + width > columns) break;
    line += fmt::format("{:{}}{} {}", "", between, shaded(key, Shade::strong, look.coloured), shown);
    used += width;
  }
  const auto width = width_of(else_said) + 1;
  if (used + 2 + width <= columns) line += fmt::format("{:{}}{} ", "", columns - used - width, else_said);
  return line;
}

std::vector<std::string> page_of_keys(std::size_t columns, TopLook look) {
  std::vector<std::string> rows{
      shaded(line_within(" What can be pressed", columns, look.glyphs), Shade::strong, look.coloured), ""};
  for (const auto line : kPage) rows.push_back(line_within(line, columns, look.glyphs));
  return rows;
}

}  // namespace bastion::admin
