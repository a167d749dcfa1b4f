// What Prometheus reads: its text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Names, helps and labels come from tables of this
// program and need no escapes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/metrics/histogram.h"
#include "bastion/metrics/samples.h"

namespace bastion::metrics {

enum class Type : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view text_of(Type type);

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

// Whether samples of other processes are added to those of this one.
enum class Of : std::uint8_t { this_process, all };

class Exposition {
 public:
  Exposition() = default;
  // With what other processes say, which outlives this.
  explicit Exposition(const Samples& others) : others_(&others) {}

  // What follows are samples of this series, until the next one begins.
  void begin(std::string_view name, Type type, std::string_view help, Of of = Of::this_process);

  void sample(std::uint64_t value, Labels labels = {});
  void sample(double value, Labels labels = {});
  void sample(const Histogram& histogram, Labels labels = {});

  [[nodiscard]] std::string take() {
    end();
    return std::move(text_);
  }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view upper_end, std::uint64_t value);
  void line(std::string_view suffix, Labels labels, std::string_view upper_end, double value);
  [[nodiscard]] std::string sample_of(std::string_view suffix, Labels labels, std::string_view upper_end) const;
  // What others say of a sample that is being written.
  [[nodiscard]] double others_of(const std::string& sample);
  // Samples of the series that others have and this process has not.
  void end();

  const Samples* others_ = nullptr;
  Samples left_;  // of the series
  std::string text_;
  std::string_view name_;
};

}  // namespace bastion::metrics
