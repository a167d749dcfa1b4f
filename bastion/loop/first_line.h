// What a socket says first, up to the end of its line: what comes behind that stays in the socket, for whoever reads it
// next.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/loop/descriptor.h"

namespace bastion::loop {

class Loop;

// Without the end of the line. `socket` does not block, and outlives the task. The error says what came in its place.
[[nodiscard]] Task<Result<std::string>> read_first_line(Loop& loop, const Descriptor& socket, std::size_t longest,
                                                        std::chrono::milliseconds within);

}  // namespace bastion::loop
