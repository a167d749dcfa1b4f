// Everything that is exported, as one table: what /metrics says and docs/METRICS.md come from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/loop/executor.h"
#include "bastion/metrics/counters.h"
#include "bastion/metrics/exposition.h"
#include "bastion/metrics/samples.h"
#include "bastion/monitor/beats.h"
#include "bastion/monitor/process_figures.h"
#include "store/writer.h"

namespace bastion::monitor {

// What is measured, all of it from any thread. It outlives whoever asks.
struct Sources {
  struct Fate {
    std::string_view label;
    const metrics::Counter* count;
  };
  struct Executor {
    std::string_view label;
    const loop::Executor* executor;
  };

  // How far this bastion's copy of a fleet's directory is.
  struct Fleet {
    std::int64_t change = 0;  // the last one that is in it
    bool is_current = false;  // there was no other one when the log was last asked
  };

  const metrics::Counters& counters;
  store::Writer& writer;
  std::vector<Fate> fates;
  std::vector<Executor> executors;
  std::function<Fleet()> fleet = nullptr;  // nothing: there is none
};

// At a moment.
struct Moment {
  const Sources& sources;
  std::vector<Beats::Heart> hearts;
  const metrics::Histogram& lags;
  bool drains = false;
  std::int64_t started_at = 0;  // Unix seconds
  std::optional<ProcessFigures> figures = std::nullopt;
  metrics::Samples others = {};  // of other processes
  std::size_t generations = 1;
  std::size_t silent_generations = 0;
};

struct Series {
  std::string_view name;
  metrics::Type type;
  std::string_view labels;  // their names, with commas between them
  std::string_view help;    // one sentence
  void (*write)(const Moment& moment, metrics::Exposition& out);
  metrics::Of of = metrics::Of::all;
};

[[nodiscard]] std::span<const Series> series();

// All of them, as Prometheus reads it.
[[nodiscard]] std::string exposition(const Moment& moment);
// Those of this process alone that are added up over all, without what is 0.
[[nodiscard]] metrics::Samples own_samples(const Moment& moment);
// The table in markdown.
[[nodiscard]] std::string reference();

}  // namespace bastion::monitor
