#include "bastion/admin/top_heading.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/timestamp.h"
#include "bastion/admin/top_text.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

// On less than that a line says nothing; and the most of it is said beside one that is longer.
constexpr std::size_t kLeastLine = 8;
constexpr std::size_t kLongLine = 20;
constexpr std::size_t kMostWidth = std::string_view("  max 1.2M").size();

std::string one_way(std::string_view name, const std::deque<double>& rates, std::size_t columns, Glyphs glyphs) {
  auto text = fmt::format(" {:<4} {:>5}B/s", name, rates.empty() ? "0" : short_bytes(rates.back()));
  // A column is blank on either side of the line.
  const auto room = columns - std::min(columns, text.size() + 2);
  if (room < kLeastLine) return line_within(text, columns, glyphs);
  const bool says_most = room >= kMostWidth + kLongLine;
  const auto width = std::min(room - (says_most ? kMostWidth : 0), Throughput::kHistory);
  const auto shown = static_cast<std::ptrdiff_t>(std::min(rates.size(), width));
  const std::vector<double> numbers(rates.end() - shown, rates.end());
  if (says_most) text += fmt::format("  max {:>4}", short_bytes(numbers.empty() ? 0 : std::ranges::max(numbers)));
  return fmt::format("{} {}", text, sparkline(numbers, width, glyphs));
}

std::string count_of_sessions(std::size_t shown, std::size_t all) {
  const auto noun = all == 1 ? "session" : "sessions";
  return shown == all ? fmt::format("{} {}", all, noun) : fmt::format("{} of {} {}", shown, all, noun);
}

}  // namespace

void Throughput::add(const Overview& overview) {
  const auto keep = [](std::deque<double>& numbers, double number) {
    numbers.push_back(number);
    if (numbers.size() > kHistory) numbers.pop_front();
  };
  keep(from_users, overview.rate_from_users);
  keep(from_containers, overview.rate_from_containers);
}

std::string heading_of(const Overview& overview, std::size_t shown_sessions, std::size_t columns, Glyphs glyphs) {
  auto left =
      fmt::format(" {} {}  up {}  {}", overview.bastion, overview.version, long_time(overview.at - overview.began),
                  count_of_sessions(shown_sessions, overview.sessions.size()));
  if (overview.bastions > 1) left += fmt::format("  {} bastions", overview.bastions);
  if (!overview.missing.empty()) left += "  " + overview.missing;
  const auto right = fmt::format("{} UTC ", text_of_timestamp(overview.at).substr(11, 8));
  const auto room = columns - std::min(columns, width_of(right) + 1);
  auto text = line_within(left, room, glyphs);
  text.append(room + 1 - width_of(text), ' ');
  return text + right;
}

std::string row_of(const Throughput& throughput, std::size_t columns, Glyphs glyphs) {
  const auto half = columns / 2;
  const auto up = one_way("up", throughput.from_users, half, glyphs);
  const auto down = one_way("down", throughput.from_containers, columns - half, glyphs);
  return up + std::string(half - std::min(half, width_of(up)), ' ') + down;
}

}  // namespace bastion::admin
