// How long a session may last, and for how long nothing may happen in it. Pure: time and traffic are told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bastion/base/reason.h"

namespace bastion::access {

// As people say it: `90 seconds`, `15 minutes`, `8 hours`.
[[nodiscard]] std::string words_for(std::chrono::seconds length);

class Lifetime {
 public:
  using Time = std::chrono::milliseconds;

  struct Limits {
    std::chrono::seconds idle{0};   // without data in either direction; 0: for ever
    std::chrono::seconds total{0};  // since the session began; 0: for ever

    bool operator==(const Limits&) const = default;
  };

  // What is to be done now. `again`: how long from now the next look is due; nothing when there are no limits.
  struct Look {
    std::optional<End> end;
    std::string warning;  // a line for her terminals; empty: none
    std::optional<Time> again;
  };

  Lifetime(const Limits& limits, Time now);

  // Other limits from now on. They count from when they would have counted if they had always been there.
  void limit(const Limits& limits);
  // `moved` is all channel data so far, in bytes.
  [[nodiscard]] Look look(Time now, std::uint64_t moved);

 private:
  struct Limit {
    std::chrono::seconds length;
    Time since;
    bool warned = false;

    [[nodiscard]] bool is_set() const { return length.count() > 0; }
    [[nodiscard]] Time over() const { return since + length; }
    [[nodiscard]] Time notice() const;
  };

  void set(Limit& limit, std::chrono::seconds length);

  Limit idle_;
  Limit total_;
  std::uint64_t moved_ = 0;
};

}  // namespace bastion::access
