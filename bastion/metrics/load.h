// What the thread of a loop carries at a moment.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bastion::metrics {

struct Load {
  std::size_t strangers = 0;
  std::size_t sessions = 0;
  std::size_t channels = 0;  // of sessions
  std::size_t tunnels = 0;   // of these
  std::size_t hops = 0;
  std::size_t links = 0;  // of backends that dial in
  // Of channels, since the start: those of sessions that have ended too.
  std::uint64_t bytes_from_users = 0;
  std::uint64_t bytes_from_containers = 0;
};

}  // namespace bastion::metrics
