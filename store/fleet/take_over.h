// A database that has a directory of its own becomes a copy of the fleet's.
#pragma once

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/application.h"

namespace bastion::store::fleet {

// Puts what all have in common, as `copy` has it, in the place of what is in `database`, in one transaction and with
// `local` at its end. What is of this bastion alone stays: sessions, audit, penalties. What it knew of keys and
// machines by ids that mean others now is forgotten: when a key was used, which identity was accepted where.
[[nodiscard]] Result<> take_over(Database& database, Database& copy, const ChangeLocal& local);

}  // namespace bastion::store::fleet
