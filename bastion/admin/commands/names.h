// What there is in the database to be named on a command line.
#pragma once

#include <string_view>

#include "bastion/admin/commands/completion.h"
#include "store/database.h"

namespace bastion::admin {

// The fingerprints are those of the users that `line` names already. What cannot be read is left out: nobody waits for
// an error behind a Tab.
[[nodiscard]] Names names_in(store::Database& database, std::string_view line);

}  // namespace bastion::admin
