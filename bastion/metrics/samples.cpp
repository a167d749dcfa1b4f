#include "bastion/metrics/samples.h"

#include <algorithm>
#include <charconv>

namespace bastion::metrics {

Samples samples_in(std::string_view exposition) {
  Samples samples;
  while (!exposition.empty()) {
    const auto line = exposition.substr(0, exposition.find('\n'));
    exposition.remove_prefix(std::min(exposition.size(), line.size() + 1));
    const auto space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string_view::npos) continue;
    double value = 0;
    const auto* const end = line.data() + line.size();
    if (std::from_chars(line.data() + space + 1, end, value).ptr != end || value == 0) continue;
    samples.emplace(line.substr(0, space), value);
  }
  return samples;
}

bool is_counted(std::string_view sample) {
  const auto name = sample.substr(0, sample.find('{'));
  return name.ends_with("_total") || name.ends_with("_bucket") || name.ends_with("_sum") || name.ends_with("_count");
}

void take_larger(Samples& into, const Samples& other) {
  for (const auto& [sample, value] : other) {
    auto& known = into[sample];
    known = std::max(known, value);
  }
}

void add_up(Samples& into, const Samples& other) {
  for (const auto& [sample, value] : other) into[sample] += value;
}

}  // namespace bastion::metrics
