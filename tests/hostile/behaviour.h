// The ways to misbehave, each a small function with a name. The stories say what has to come of each.
#pragma once

#include <span>
#include <string_view>

#include "bastion/base/task.h"
#include "tests/hostile/peer.h"

namespace bastion::hostile {

struct Behaviour {
  std::string_view name;
  Task<> (*act)(Peer& peer);
};

// After authentication, by either end.
[[nodiscard]] std::span<const Behaviour> behaviours();
// Before authentication, by a client.
[[nodiscard]] std::span<const Behaviour> behaviours_of_strangers();

// The files of the table.
[[nodiscard]] std::span<const Behaviour> about_windows();
[[nodiscard]] std::span<const Behaviour> about_channels();
[[nodiscard]] std::span<const Behaviour> about_order();
[[nodiscard]] std::span<const Behaviour> about_floods();
[[nodiscard]] std::span<const Behaviour> about_sizes();
[[nodiscard]] std::span<const Behaviour> about_the_transport();

}  // namespace bastion::hostile
