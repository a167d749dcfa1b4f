// How much channel data a relay has passed.
#pragma once

#include <cstdint>

namespace bastion::connection {

// In bytes.
struct Traffic {
  std::uint64_t from_user = 0;
  std::uint64_t from_container = 0;  // and from the bastion itself
  // Of both: what has passed in channels that say nothing about whether somebody uses the connection.
  std::uint64_t apart = 0;

  [[nodiscard]] std::uint64_t used() const { return from_user + from_container - apart; }
};

}  // namespace bastion::connection
