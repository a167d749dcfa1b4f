// What commands need of the bastion that serves. Made once, shared by every door.
#pragma once

#include <filesystem>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/base/public_key.h"

namespace bastion::admin {

struct Site {
  std::filesystem::path database;
  PublicKey identity;
  Runtime& runtime;
};

}  // namespace bastion::admin
