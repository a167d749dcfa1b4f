// How much channel data a relay has passed.
#pragma once

#include <cstdint>

namespace bastion::connection {

// In bytes.
struct Traffic {
  std::uint64_t from_user = 0;
  std::uint64_t from_container = 0;  // and from the bastion itself
};

}  // namespace bastion::connection
