#include "bastion/metrics/counters.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace bastion::metrics {
namespace {

struct Row {
  std::string_view name;
  Counter Counters::* counter;
};
constexpr std::array<Row, 12> kRows{{
    {"accepted", &Counters::accepted},
    {"turned_away", &Counters::turned_away},
    {"refused_proxy_header", &Counters::refused_proxy_header},
    {"refused_banned", &Counters::refused_banned},
    {"refused_penalty", &Counters::refused_penalty},
    {"refused_full_source", &Counters::refused_full_source},
    {"refused_full", &Counters::refused_full},
    {"made_room", &Counters::made_room},
    {"no_version_line", &Counters::no_version_line},
    {"too_many_rsa", &Counters::too_many_rsa},
    {"authenticated", &Counters::authenticated},
    {"ended", &Counters::ended},
}};

}  // namespace

std::vector<std::pair<std::string, std::uint64_t>> named(const Counters& counters) {
  std::vector<std::pair<std::string, std::uint64_t>> all;
  all.reserve(kRows.size());
  for (const auto& row : kRows) all.emplace_back(row.name, (counters.*row.counter).count());
  return all;
}

std::string text_of(const Counters& counters) {
  std::string text;
  for (const auto& row : kRows) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", row.name, (counters.*row.counter).count());
  }
  return text;
}

}  // namespace bastion::metrics
