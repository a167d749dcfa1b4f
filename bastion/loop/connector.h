// Connecting to a host: resolves a name off the loop, then tries its addresses in order.
#pragma once

#include <chrono>
#include <expected>

#include "bastion/base/endpoint.h"
#include "bastion/base/task.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/exhaustion.h"

namespace bastion::loop {

class Executor;
class Loop;

// A connected, non-blocking socket; or why there is none, after at most `within` for the name and for each address.
// Names are looked up by `names`.
[[nodiscard]] Task<std::expected<Descriptor, ConnectError>> connect(Loop& loop, Executor& names, Endpoint to,
                                                                    std::chrono::milliseconds within);

}  // namespace bastion::loop
