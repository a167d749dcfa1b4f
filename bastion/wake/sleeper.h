// Which of the things on a login's way may be started, by what has become of the login.
#pragma once

#include <optional>

#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/wake/wanted.h"

namespace bastion::store {
class Wakes;
}

namespace bastion::wake {

// The container that could not be reached, where it is marked and the bastion logs in to the backend that runs it; or
// the backend, where it has a hook. Without who asks.
[[nodiscard]] std::optional<Wanted> sleeper(store::Wakes& wakes, const access::Route& route, const End& end);

}  // namespace bastion::wake
