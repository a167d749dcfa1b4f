#include "bastion/admin/grammar/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

constexpr std::string_view kSeconds = "_seconds";
constexpr std::string_view kBytes = "bytes_";

struct Heading {
  std::string_view column;
  std::string_view text;
};

// Where the name is longer than what stands below it.
constexpr std::array kHeadings{
    Heading{"bytes_from_user", "SENT"},
    Heading{"bytes_from_container", "RECEIVED"},
};

// The two largest units: 3d4h, 4h5m, 1m15s, 42s.
std::string text_of_seconds(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  constexpr std::array kUnits{Unit{86400, 'd'}, Unit{3600, 'h'}, Unit{60, 'm'}, Unit{1, 's'}};
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    const auto& [large, small] = std::pair(kUnits[i], kUnits[i + 1]);
    if (seconds < large.seconds) continue;
    return fmt::format("{}{}{}{}", seconds / large.seconds, large.letter, seconds % large.seconds / small.seconds,
                       small.letter);
  }
  return fmt::format("{}s", seconds);
}

// In powers of 1024, as `ls -h` has it: 512, 1.5K, 20M.
std::string text_of_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits = "KMGTPE";
  if (bytes < 1024) return fmt::format("{}", bytes);
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (amount /= 1024; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return amount < 10 ? fmt::format("{:.1f}{}", amount, kUnits[unit]) : fmt::format("{:.0f}{}", amount, kUnits[unit]);
}

}  // namespace

std::string words_of(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string heading(std::string_view column) {
  const auto* const known = std::ranges::find(kHeadings, column, &Heading::column);
  if (known != kHeadings.end()) return std::string(known->text);
  if (column.ends_with(kSeconds)) column.remove_suffix(kSeconds.size());
  auto text = words_of(std::string(column));
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string cell_text(const Cell& cell) {
  if (cell.is_null()) return "-";
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_string()) return cell.get_ref<const std::string&>().empty() ? "-" : printable(cell.get<std::string>());
  return cell.dump();
}

std::string cell_text(const Cell& cell, std::string_view column) {
  if (cell.is_number() && column.ends_with(kSeconds)) return text_of_seconds(cell.get<std::int64_t>());
  if (cell.is_number() && column.starts_with(kBytes)) return text_of_bytes(cell.get<std::uint64_t>());
  return cell_text(cell);
}

}  // namespace bastion::admin
