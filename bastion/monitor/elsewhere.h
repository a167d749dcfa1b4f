// What other processes that serve from the same state directory have counted, those that have ended too: with what this
// one counts, nothing that only grows gets less when another process takes over.
//
// Each process is known by an id that is its own for good (that of a server is another one's later), and of each what
// was counted is as much as anybody has ever heard. So it does not matter who hears what from whom, in which order or
// how often.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bastion/metrics/samples.h"

namespace bastion::monitor {

// What a process says.
struct Report {
  std::string id;                                  // its own; empty: it counts nothing
  metrics::Samples samples;                        // its own, as they are
  std::map<std::string, metrics::Samples> others;  // what it knows to have been counted by others, by their ids
};

class Elsewhere {
 public:
  // Of so many that have ended each is remembered by itself: enough to hear of one from somebody else and not to count
  // it twice. What those before have counted is one sum.
  static constexpr std::size_t kMostEnded = 256;

  explicit Elsewhere(std::string own_id) : own_id_(std::move(own_id)) {}

  // Of all that are there now what they have answered; nothing of one that has not. Whoever was there before and is not
  // any more has ended.
  using Told = std::optional<Report>;
  void take(const std::vector<Told>& told);
  // What a process has counted up to its end.
  void take_last(const std::string& id, const metrics::Samples& samples);

  // What all of them have counted, and what those carry that have answered.
  [[nodiscard]] metrics::Samples sum() const;
  [[nodiscard]] std::map<std::string, metrics::Samples> counted() const;
  [[nodiscard]] std::size_t there() const { return there_; }
  [[nodiscard]] std::size_t silent() const { return silent_; }  // of these

 private:
  struct Process {
    metrics::Samples counted;
    metrics::Samples carries;  // while it is there and answers
    bool is_there = false;     // and answers
  };

  void hear(const std::string& id, const metrics::Samples& samples);
  void forget_some();

  std::string own_id_;
  std::size_t there_ = 0;
  std::size_t silent_ = 0;
  std::map<std::string, Process> processes_;
  std::vector<std::string> order_;  // their ids, in which they were heard of
  metrics::Samples long_ago_;
};

}  // namespace bastion::monitor
