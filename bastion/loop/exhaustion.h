// The one failure of a connection that is ours: no descriptor is left, in this process or in the system.
#pragma once

#include <cerrno>
#include <string>

#include "bastion/base/result.h"

namespace bastion::loop {

// Why there is no connection.
struct ConnectError : Error {
  bool is_exhausted = false;
};

[[nodiscard]] inline bool is_exhaustion(int error) { return error == EMFILE || error == ENFILE; }
[[nodiscard]] inline ConnectError exhausted() { return {{"no file descriptors are left"}, true}; }

}  // namespace bastion::loop
