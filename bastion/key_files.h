// The private keys in the state directory.
#pragma once

#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/transport/keys.h"

namespace bastion {

struct KeyFiles {
  std::vector<transport::KeyPair> host_keys;  // what users see, preferred first
  transport::KeyPair identity;                // what backends and containers see
};

// Every one of them must be there. The error names the file.
[[nodiscard]] Result<KeyFiles> load_key_files(const config::StateDir& state);

}  // namespace bastion
