// The whole directory, out of the store.
#pragma once

#include "bastion/admin/manifest/directory.h"
#include "bastion/base/result.h"
#include "store/database.h"

namespace bastion::admin {

// With every field given.
[[nodiscard]] Result<Directory> read_directory(store::Database& database);

}  // namespace bastion::admin
