// Connections that are turned away unseen, for the log: the first one of an address is said at once, and then how many
// more there were in each interval. So a flood costs a bounded number of lines, and each still names its address.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace bastion::server {

class Refusals {
 public:
  static constexpr std::chrono::seconds kInterval{10};
  // Of so many addresses at a time; those of further ones are counted together.
  static constexpr std::size_t kAddresses = 32;

  // Whether this one is to be said now. If it is not, it is counted.
  [[nodiscard]] bool note(const std::string& host);

  struct Count {
    std::string host;  // empty: of other addresses than the others
    std::size_t count = 0;
  };
  // An interval is over: what was counted in it. An address of which nothing was counted is a new one the next time.
  [[nodiscard]] std::vector<Count> next_interval();
  // Nothing was noted in the last interval: there is nothing to wait for.
  [[nodiscard]] bool idle() const { return by_host_.empty() && others_ == 0; }

 private:
  std::map<std::string, std::size_t> by_host_;
  std::size_t others_ = 0;
};

}  // namespace bastion::server
