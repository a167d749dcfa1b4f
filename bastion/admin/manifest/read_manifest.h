// The whole directory, out of the store.
#pragma once

#include "bastion/admin/manifest/manifest.h"
#include "bastion/base/result.h"
#include "store/database.h"

namespace bastion::admin {

// With every field given.
[[nodiscard]] Result<Manifest> read_manifest(store::Database& database);

}  // namespace bastion::admin
