// Where a login leads that names no container.
#pragma once

#include <cstdint>
#include <vector>

#include "store/containers.h"

namespace bastion::access {

// Of all that is open to the user, their own first, as Containers::open_to() returns it: their default, or the only one
// they have, or, where they have none, the only one that is shared with them. Points into `open`; nullptr where it has
// to be named.
[[nodiscard]] const store::Container* landing(const std::vector<store::Container>& open, std::int64_t user);

}  // namespace bastion::access
