// One instance serves from a state directory: the control socket is its own, and so is what administrators are told
// about sessions.
#pragma once

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/loop/file_lock.h"

namespace bastion::server {

// For as long as it serves. The error says that another one does, and what to do.
[[nodiscard]] Result<loop::FileLock> lock_instance(const config::StateDir& state);

}  // namespace bastion::server
