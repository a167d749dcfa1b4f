// A plan carried out: what a bastion that joins a fleet brings along is put into the fleet's directory.
#pragma once

#include <cstdint>
#include <vector>

#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/merge_plan.h"
#include "bastion/base/result.h"
#include "store/database.h"

namespace bastion::admin {

// Of a plan without collisions. Returns what that changed; nothing when all of it was there. `now` in Unix seconds.
// Call inside Database::change: after an error the store is half way.
[[nodiscard]] Result<std::vector<Change>> merge(store::Database& database, const MergePlan& plan, std::int64_t now);

}  // namespace bastion::admin
