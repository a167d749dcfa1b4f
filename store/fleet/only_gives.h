// What kind of change an entry of the log is.
#pragma once

#include "bastion/base/bytes.h"

namespace bastion::store::fleet {

// Whether a changeset (sqlite3session_changeset()) only adds rows of which each gives somebody something: no session
// that runs anywhere is another one because of it. No: it may take something away, or cannot be read.
[[nodiscard]] bool only_gives(const ByteVector& changeset);

}  // namespace bastion::store::fleet
