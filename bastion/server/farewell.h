// How long the sessions of a process may stay that another one has taken over from, and when they are told. Pure: time
// is told.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "bastion/base/reason.h"

namespace bastion::server {

class Farewell {
 public:
  using Time = std::chrono::milliseconds;

  // `now` is when it was taken over from.
  Farewell(std::chrono::seconds limit, Time now) : limit_(limit), since_(now) {}

  // Another limit, from the same time on.
  void limit(std::chrono::seconds limit);

  // What is to be done with every session now. `again`: how long from now the next look is due.
  struct Look {
    std::optional<End> end = std::nullopt;
    std::string warning = {};  // a line for their terminals; empty: none
    Time again{0};
  };
  [[nodiscard]] Look look(Time now);

 private:
  [[nodiscard]] Time over() const { return since_ + limit_; }
  [[nodiscard]] std::optional<Time> next_notice() const;

  std::chrono::seconds limit_;
  Time since_;
  int told_ = 0;  // notices
};

}  // namespace bastion::server
