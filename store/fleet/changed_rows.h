// The rows of a changeset (sqlite3session_changeset()), one after the other.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::store::fleet {

struct ChangedRow {
  std::string_view table;
  int columns = 0;
  int operation = 0;  // SQLITE_INSERT, SQLITE_UPDATE or SQLITE_DELETE
  sqlite3_changeset_iter* where = nullptr;
};

// Until `look` fails, whose error is the result. It is an error too where the changeset cannot be read.
[[nodiscard]] Result<> for_each_row(const ByteVector& changeset,
                                    const std::function<Result<>(const ChangedRow& row)>& look);

}  // namespace bastion::store::fleet
