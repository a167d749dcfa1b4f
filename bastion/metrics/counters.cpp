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
constexpr std::array<Row, 4> kRows{{
    {"accepted", &Counters::accepted},
    {"turned_away", &Counters::turned_away},
    {"authenticated", &Counters::authenticated},
    {"ended", &Counters::ended},
}};

}  // namespace

std::string text_of(const Counters& counters) {
  std::string text;
  for (const auto& row : kRows) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", row.name, (counters.*row.counter).count());
  }
  return text;
}

}  // namespace bastion::metrics
