// Whether somebody who is admitted may be in a container.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "bastion/access/identity.h"
#include "bastion/base/reason.h"

namespace bastion::store {
class Containers;
}

namespace bastion::access {

// Until when, if it is for a time. `shown` is how they know it.
[[nodiscard]] std::expected<std::optional<std::int64_t>, End> find_access(store::Containers& containers,
                                                                          const Identity& who, std::int64_t container,
                                                                          const std::string& shown, std::int64_t now);

}  // namespace bastion::access
