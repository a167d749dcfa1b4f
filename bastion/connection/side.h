// The two ends of what is relayed.
#pragma once

#include <cstdint>

namespace bastion::connection {

enum class Side : std::uint8_t { user, container };

[[nodiscard]] constexpr Side other(Side side) { return side == Side::user ? Side::container : Side::user; }

}  // namespace bastion::connection
