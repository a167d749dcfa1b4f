#include "bastion/server/instance_lock.h"

#include <utility>

namespace bastion::server {

Result<loop::FileLock> lock_instance(const config::StateDir& state) {
  auto lock = loop::FileLock::take(state.instance_lock());
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (!*lock) {
    return fail("another bastion serves from {}: stop that one, or give this one a state_dir of its own",
                state.root().string());
  }
  return **std::move(lock);
}

}  // namespace bastion::server
