#include "bastion/admin/top_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bastion/base/printable.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::array<std::string_view, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kMarks{"_", ".", ":", "-", "=", "+", "*", "#"};
// More of a text is not looked at: no screen is that wide.
constexpr std::size_t kLongestCell = 1000;

constexpr double kMostBytes = 999e18;
constexpr std::int64_t kLongestDays = 9999;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view bar(double number, double most, Glyphs glyphs) {
  const auto& bars = glyphs == Glyphs::unicode ? kBlocks : kMarks;
  if (most <= 0 || number <= 0) return bars.front();
  const auto height = std::clamp(std::ceil(number / most * 7), 0.0, 7.0);
  return bars.at(static_cast<std::size_t>(height));
}

std::string ascii(const std::string& text) {
  std::string shown;
  for (std::string_view rest = text; !rest.empty();) {
    const auto bytes = std::max<std::size_t>(first_character(rest), 1);
    const auto character = rest.substr(0, bytes);
    shown += bytes == 1 ? std::string(character) : std::string(std::max<std::size_t>(width_of(character), 1), '?');
    rest.remove_prefix(bytes);
  }
  return shown;
}

}  // namespace

std::string short_bytes(double bytes) {
  constexpr std::array<std::string_view, 7> kPrefixes{"", "k", "M", "G", "T", "P", "E"};
  bytes = bytes > 0 ? std::min(bytes, kMostBytes) : 0;
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < kPrefixes.size(); ++unit) bytes /= 1000;
  return unit > 0 && bytes < 9.95 ? fmt::format("{:.1f}{}", bytes, kPrefixes.at(unit))
                                  : fmt::format("{:.0f}{}", bytes, kPrefixes.at(unit));
}

std::string short_time(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 100) return fmt::format("{}s", seconds);
  if (seconds < 100 * 60) return fmt::format("{}m", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", std::min(seconds / 86400, kLongestDays));
}

std::string long_time(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h {}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d {}h", seconds / 86400, seconds / 3600 % 24);
}

std::string short_milliseconds(double milliseconds) {
  if (milliseconds < 9.95) return fmt::format("{:.1f}ms", milliseconds);
  if (milliseconds < 999.5) return fmt::format("{:.0f}ms", milliseconds);
  return fmt::format("{:.1f}s", milliseconds / 1000);
}

bool contains_in_any_case(std::string_view text, std::string_view part) {
  return part.empty() || !std::ranges::search(text, part, {}, small, small).empty();
}

std::string sparkline(std::span<const double> numbers, std::size_t columns, Glyphs glyphs) {
  const auto shown = numbers.last(std::min(numbers.size(), columns));
  const auto most = shown.empty() ? 0 : *std::ranges::max_element(shown);
  std::string line(columns - shown.size(), ' ');
  for (const auto number : shown) line += bar(number, most, glyphs);
  return line;
}

std::string cell_text_within(std::string_view text, std::size_t columns, Glyphs glyphs) {
  return line_within(printable_on_one_line(text, kLongestCell), columns, glyphs);
}

std::string line_within(std::string_view text, std::size_t columns, Glyphs glyphs) {
  auto shown = printable(std::string(fitting(text, kLongestCell)));
  if (glyphs == Glyphs::ascii) shown = ascii(shown);
  if (width_of(shown) <= columns) return shown;
  if (columns == 0) return {};
  return std::string(fitting(shown, columns - 1)) + (glyphs == Glyphs::unicode ? "…" : "~");
}

}  // namespace bastion::admin
