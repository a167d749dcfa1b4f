#include "bastion/server/generation_messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <ranges>
#include <span>

namespace bastion::server {
namespace {

constexpr std::array kOrders{Order::listener, Order::activated, Order::begin,
                             Order::reload,   Order::peers,     Order::retire};
constexpr std::array kReports{Report::listener,        Report::ready,  Report::failed, Report::reloaded,
                              Report::handover_wanted, Report::closed, Report::turns,  Report::stands_still};

constexpr std::string_view kSaysItTurns = "turns";

// A year, as the setting has it at most.
constexpr std::int64_t kLongestLimit = 31'536'000;

template <typename Kind>
std::optional<Message<Kind>> parse(Bytes message, std::span<const Kind> known) {
  if (message.empty()) return std::nullopt;
  const auto kind = std::ranges::find(known, static_cast<Kind>(message.front()));
  if (kind == known.end()) return std::nullopt;
  return Message<Kind>{*kind, std::string(text_of(message.subspan(1)))};
}

std::optional<std::int64_t> number_in(std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) return std::nullopt;
  return number;
}

std::vector<std::string> parts_of(std::string_view text, char between) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, between)) {
    if (!part.empty()) parts.emplace_back(part.begin(), part.end());
  }
  return parts;
}

// As new_id() makes them; it becomes part of a path.
bool is_id(std::string_view text) {
  const auto is_usual = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_usual);
}

}  // namespace

std::optional<Message<Order>> parse_order(Bytes message) { return parse<Order>(message, kOrders); }
std::optional<Message<Report>> parse_report(Bytes message) { return parse<Report>(message, kReports); }

std::string format_ready(const Ready& ready) {
  auto text = fmt::format("{} {} {}", ready.id, ready.handover_limit.count(), format_level(ready.level));
  if (ready.says_it_turns) text += fmt::format(" {}", kSaysItTurns);
  return text;
}

std::optional<Ready> parse_ready(std::string_view text) {
  const auto parts = parts_of(text, ' ');
  if (parts.size() < 3 || !is_id(parts[0])) return std::nullopt;
  const auto limit = number_in(parts[1], kLongestLimit);
  const auto level = parse_level(parts[2]);
  if (!limit || !level) return std::nullopt;
  return Ready{.id = parts[0],
               .handover_limit = std::chrono::seconds(*limit),
               .level = *level,
               .says_it_turns = std::find(parts.begin() + 3, parts.end(), kSaysItTurns) != parts.end()};
}

std::string format_carried(const Carried& carried) { return fmt::format("{} {}", carried.sessions, carried.strangers); }

std::optional<Carried> parse_carried(std::string_view text) {
  const auto parts = parts_of(text, ' ');
  if (parts.size() < 2) return std::nullopt;
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const auto sessions = number_in(parts[0], kMost);
  const auto strangers = number_in(parts[1], kMost);
  if (!sessions || !strangers) return std::nullopt;
  return Carried{.sessions = static_cast<std::uint32_t>(*sessions),
                 .strangers = static_cast<std::uint32_t>(*strangers)};
}

std::string format_level(log::Level level) { return fmt::format("{}", static_cast<int>(level)); }

std::optional<log::Level> parse_level(std::string_view text) {
  const auto number = number_in(text, static_cast<int>(log::Level::error));
  return number ? std::optional(static_cast<log::Level>(*number)) : std::nullopt;
}

std::string text_of_peers(const std::vector<std::string>& ids) { return fmt::format("{}", fmt::join(ids, "\n")); }

std::vector<std::string> parse_peers(std::string_view text) {
  auto ids = parts_of(text, '\n');
  std::erase_if(ids, [](const std::string& id) { return !is_id(id); });
  return ids;
}

}  // namespace bastion::server
