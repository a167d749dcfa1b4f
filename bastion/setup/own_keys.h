// The public halves of a bastion's own keys in a state directory.
#pragma once

#include <vector>

#include "bastion/config/state_dir.h"
#include "bastion/fleet/sealed_keys.h"
#include "bastion/setup/merge_answer.h"

namespace bastion::setup {

// What cannot be read is left out.
[[nodiscard]] OwnKeys own_keys_in(const config::StateDir& state);

// Those of `files`, which a fleet has, and beside them the identity of `state`, to be tried after the fleet's.
struct CommonFiles {
  std::vector<fleet::KeyFile> files;
  OldIdentity old_identity = OldIdentity::none;
};
[[nodiscard]] Result<CommonFiles> beside_own_identity(std::vector<fleet::KeyFile> files, const config::StateDir& state);

}  // namespace bastion::setup
