// The whole directory, out of the store.
#pragma once

#include "bastion/admin/command.h"
#include "bastion/admin/directory.h"

namespace bastion::admin {

// With every field given.
[[nodiscard]] Result<Directory> read_directory(Context& context);

}  // namespace bastion::admin
