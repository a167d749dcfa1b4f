// SQLite's exceptions end here. For this folder only.
#pragma once

#include <SQLiteCpp/Exception.h>

#include "bastion/base/result.h"
#include "store/busy.h"

namespace bastion::store {

[[nodiscard]] inline std::unexpected<Error> failed(const SQLite::Exception& exception) {
  constexpr int kBusy = 5;  // SQLITE_BUSY
  if ((exception.getErrorCode() & 0xff) == kBusy) return fail("{}", kBusyText);
  return fail("the database failed: {}", exception.what());
}

}  // namespace bastion::store
