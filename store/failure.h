// SQLite's exceptions end here. For this folder only.
#pragma once

#include <SQLiteCpp/Exception.h>

#include "bastion/base/result.h"

namespace bastion::store {

[[nodiscard]] inline std::unexpected<Error> failed(const SQLite::Exception& exception) {
  constexpr int kBusy = 5;  // SQLITE_BUSY
  if ((exception.getErrorCode() & 0xff) == kBusy) return fail("the database is busy with another change; try again");
  return fail("the database failed: {}", exception.what());
}

}  // namespace bastion::store
