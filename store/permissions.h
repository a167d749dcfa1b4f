// Whether anything has changed that running sessions must be measured against again.
#pragma once

#include <cstdint>
#include <optional>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class Permissions {
 public:
  explicit Permissions(Database& database);

  // Grows with every change of users, their keys (not their last use), containers, shares and backends that may end or
  // change a session. Reads one row.
  [[nodiscard]] Result<std::int64_t> generation();
  // The same for polling: nothing when nobody has written to the database since this was last asked; asks the file
  // before it reads. The first answer is always there.
  [[nodiscard]] Result<std::optional<std::int64_t>> generation_if_written();

 private:
  Database& database_;
  std::optional<std::int64_t> seen_;  // Database::data_version()
  Statement generation_;
};

}  // namespace bastion::store
