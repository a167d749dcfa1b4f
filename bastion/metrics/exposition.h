// What Prometheus reads: its text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Names, helps and labels come from tables of this
// program and need no escapes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "bastion/metrics/histogram.h"

namespace bastion::metrics {

enum class Type : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view text_of(Type type);

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

class Exposition {
 public:
  // What follows are samples of this series, until the next one begins.
  void begin(std::string_view name, Type type, std::string_view help);

  void sample(std::uint64_t value, Labels labels = {});
  void sample(double value, Labels labels = {});
  void sample(const Histogram& histogram, Labels labels = {});

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view upper_end, std::string_view value);

  std::string text_;
  std::string_view name_;
};

}  // namespace bastion::metrics
