// The tables of a fleet's database.
#pragma once

#include "bastion/base/result.h"
#include "store/fleet/connection.h"

namespace bastion::store::fleet {

// Makes those that are not there, in the time that the connection has. Several bastions may do so at once.
[[nodiscard]] Result<> prepare_tables(Connection& connection);

}  // namespace bastion::store::fleet
