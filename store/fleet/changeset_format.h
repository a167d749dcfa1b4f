// The form of a changeset, as sqlite3session.c has it in its first comments: tables, each with its rows. Pure.
#pragma once

#include "bastion/base/bytes.h"

namespace bastion::store::fleet {

// Whether it is one from the first byte to the last, whatever its tables and values are. SQLite is given no others: it
// looks for the end of a table's name behind the end of what there is, for ever, and for values that a row has not.
[[nodiscard]] bool is_changeset(Bytes bytes);

}  // namespace bastion::store::fleet
