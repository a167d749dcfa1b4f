// Connections that are turned away unseen, for the log: the first one of an address is said at once, and then how many
// more there were in each interval. So a flood costs a bounded number of lines, and each still names its address.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "bastion/server/fate.h"

namespace bastion::server {

class Refusals {
 public:
  static constexpr std::chrono::seconds kInterval{10};
  // Of so many addresses at a time; those of further ones are counted together.
  static constexpr std::size_t kAddresses = 32;

  struct Refused {
    std::string host;
    Fate fate;

    auto operator<=>(const Refused&) const = default;
  };
  // Whether this one is to be said now. If it is not, it is counted.
  [[nodiscard]] bool note(const Refused& refused);

  struct Count {
    Refused refused;  // the host is `others` for all addresses that have no count of their own
    std::size_t count = 0;
  };
  // An interval is over: what was counted in it. An address of which nothing was counted is a new one the next time.
  [[nodiscard]] std::vector<Count> next_interval();
  // Nothing was noted in the last interval: there is nothing to wait for.
  [[nodiscard]] bool idle() const { return counts_.empty() && others_.empty(); }

 private:
  std::map<Refused, std::size_t> counts_;
  std::map<Fate, std::size_t> others_;
};

}  // namespace bastion::server
