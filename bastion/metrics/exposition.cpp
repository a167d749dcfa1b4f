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

void Exposition::begin(std::string_view name, Type type, std::string_view help, Of of) {
  end();
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, text_of(type));
  if (others_ == nullptr || of == Of::this_process) return;
  for (auto one = others_->lower_bound(name); one != others_->end() && one->first.starts_with(name); ++one) {
    if (one->first.contains('\n')) continue;  // it would be another sample
    const auto series = std::string_view(one->first).substr(0, one->first.find('{'));
    const auto suffix = series.substr(name.size());
    const bool is_of_histogram = suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
    if (suffix.empty() || (type == Type::histogram && is_of_histogram)) left_.insert(*one);
  }
}

void Exposition::end() {
  for (const auto& [sample, value] : left_) fmt::format_to(std::back_inserter(text_), "{} {}\n", sample, value);
  left_.clear();
}

double Exposition::others_of(const std::string& sample) {
  const auto found = left_.extract(sample);
  return found.empty() ? 0 : found.mapped();
}

void Exposition::sample(std::uint64_t value, Labels labels) { line({}, labels, {}, value); }

void Exposition::sample(double value, Labels labels) { line({}, labels, {}, value); }

void Exposition::sample(const Histogram& histogram, Labels labels) {
  const auto now = histogram.snapshot();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < now.steps.size(); ++i) {
    count += now.steps.at(i);
    const auto end = i < Histogram::kBounds.size() ? seconds(Histogram::kBounds.at(i)) : std::string("+Inf");
    line("_bucket", labels, end, count);
  }
  line("_sum", labels, {}, std::chrono::duration<double>(now.sum).count());
  line("_count", labels, {}, count);
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view upper_end, std::uint64_t value) {
  const auto sample = sample_of(suffix, labels, upper_end);
  const auto all = value + static_cast<std::uint64_t>(others_of(sample));
  fmt::format_to(std::back_inserter(text_), "{} {}\n", sample, all);
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view upper_end, double value) {
  const auto sample = sample_of(suffix, labels, upper_end);
  fmt::format_to(std::back_inserter(text_), "{} {}\n", sample, value + others_of(sample));
}

std::string Exposition::sample_of(std::string_view suffix, Labels labels, std::string_view upper_end) const {
  std::string text(name_);
  text += suffix;
  char before = '{';
  const auto add = [&](std::string_view name, std::string_view of_it) {
    fmt::format_to(std::back_inserter(text), "{}{}=\"{}\"", before, name, of_it);
    before = ',';
  };
  for (const auto& label : labels) add(label.name, label.value);
  if (!upper_end.empty()) add("le", upper_end);
  if (before == ',') text += '}';
  return text;
}

}  // namespace bastion::metrics
