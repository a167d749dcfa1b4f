// What somebody could name on a line about themselves.
#pragma once

#include "bastion/admin/commands/completion.h"
#include "store/containers.h"

namespace bastion::store {
class Database;
}

namespace bastion::admin {

// Nothing of anybody else: not even that there is somebody else.
[[nodiscard]] Names own_names(store::Database& database, const store::Entrant& who);

}  // namespace bastion::admin
