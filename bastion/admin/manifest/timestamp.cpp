#include "bastion/admin/manifest/timestamp.h"

#include <array>
#include <charconv>
#include <chrono>

namespace bastion::admin {
namespace {

using std::chrono::sys_days;

// Reads digits in the places where `pattern` has a letter; everything else must be as it stands there.
std::optional<std::array<int, 6>> fields_of(std::string_view text, std::string_view pattern) {
  constexpr std::string_view kLetters = "YMDhms";
  if (text.size() != pattern.size()) return std::nullopt;
  std::array<int, 6> fields{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto field = kLetters.find(pattern[i]);
    if (field == std::string_view::npos) {
      if (text[i] != pattern[i]) return std::nullopt;
    } else {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      fields.at(field) = fields.at(field) * 10 + (text[i] - '0');
    }
  }
  return fields;
}

std::optional<std::int64_t> date_of(std::string_view text) {
  auto fields = fields_of(text, "YYYY-MM-DD");
  if (!fields) fields = fields_of(text, "YYYY-MM-DDThh:mm:ssZ");
  if (!fields) return std::nullopt;
  const auto [year, month, day, hour, minute, second] = *fields;
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return (sys_days(date).time_since_epoch() + std::chrono::hours(hour) + std::chrono::minutes(minute) +
          std::chrono::seconds(second)) /
         std::chrono::seconds(1);
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr auto kUnits = std::to_array<Unit>({{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}});

std::optional<std::int64_t> duration_of(std::string_view text) {
  constexpr std::int64_t kLongest = 100'000;  // more days than anybody plans for, more than a day of seconds
  if (text.empty()) return std::nullopt;
  std::int64_t unit = 0;
  for (const auto& [letter, seconds] : kUnits) {
    if (text.back() == letter) unit = seconds;
  }
  if (unit == 0) return std::nullopt;
  const auto digits = text.substr(0, text.size() - 1);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc{} || end != digits.data() + digits.size() || count <= 0 || count > kLongest)
    return std::nullopt;
  return count * unit;
}

}  // namespace

std::string text_of_timestamp(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds timestamp{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(timestamp);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{timestamp - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

Result<std::int64_t> parse_timestamp(std::string_view text, std::int64_t now) {
  if (const auto date = date_of(text)) return *date;
  if (const auto duration = duration_of(text)) return now + *duration;
  return fail("{} is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or from now on 90m, 12h or 30d", text);
}

Result<std::int64_t> parse_past_timestamp(std::string_view text, std::int64_t now) {
  if (const auto date = date_of(text)) return *date;
  if (const auto duration = duration_of(text)) return now - *duration;
  return fail("{} is no time: write 2026-12-31, 2026-12-31T23:59:59Z, or back from now 90m, 12h or 30d", text);
}

Result<std::int64_t> parse_duration(std::string_view text) {
  if (const auto duration = duration_of(text)) return *duration;
  return fail("{} is no length of time: write 30s, 90m, 12h or 30d", text);
}

std::string text_of_duration(std::int64_t seconds) {
  for (const auto& [letter, unit] : kUnits) {
    if (seconds != 0 && seconds % unit == 0) return fmt::format("{}{}", seconds / unit, letter);
  }
  return "0s";
}

}  // namespace bastion::admin
