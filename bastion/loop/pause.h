// A sequence that waits for a while.
#pragma once

#include <chrono>

#include "bastion/base/task.h"

namespace bastion::loop {

class Loop;

[[nodiscard]] Task<> pause(Loop& loop, std::chrono::milliseconds length);

}  // namespace bastion::loop
