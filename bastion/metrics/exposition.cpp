#include "bastion/metrics/exposition.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace bastion::metrics {
namespace {

std::string seconds(Histogram::Duration duration) {
  return fmt::format("{}", std::chrono::duration<double>(duration).count());
}

}  // namespace

std::string_view text_of(Type type) {
  switch (type) {
    case Type::counter: return "counter";
    case Type::gauge: return "gauge";
    case Type::histogram: return "histogram";
  }
  return "untyped";
}

void Exposition::begin(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, text_of(type));
}

void Exposition::sample(std::uint64_t value, Labels labels) { line({}, labels, {}, fmt::format("{}", value)); }

void Exposition::sample(double value, Labels labels) { line({}, labels, {}, fmt::format("{}", value)); }

void Exposition::sample(const Histogram& histogram, Labels labels) {
  const auto now = histogram.snapshot();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < now.steps.size(); ++i) {
    count += now.steps.at(i);
    const auto end = i < Histogram::kBounds.size() ? seconds(Histogram::kBounds.at(i)) : std::string("+Inf");
    line("_bucket", labels, end, fmt::format("{}", count));
  }
  line("_sum", labels, {}, seconds(now.sum));
  line("_count", labels, {}, fmt::format("{}", count));
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view upper_end, std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto add = [&](std::string_view name, std::string_view of_it) {
    fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", before, name, of_it);
    before = ',';
  };
  for (const auto& label : labels) add(label.name, label.value);
  if (!upper_end.empty()) add("le", upper_end);
  if (before == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

}  // namespace bastion::metrics
