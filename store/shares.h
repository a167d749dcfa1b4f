// Containers that others than their owners may enter.
#pragma once

#include <cstdint>
#include <optional>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class Shares {
 public:
  explicit Shares(Database& database);

  // Until `expires_at`, if it is given. A share that is there already gets the new time.
  [[nodiscard]] Result<> add(std::int64_t container, std::int64_t user, std::optional<std::int64_t> expires_at);
  // False when there was none.
  [[nodiscard]] Result<bool> remove(std::int64_t container, std::int64_t user);

 private:
  Statement add_;
  Statement remove_;
};

}  // namespace bastion::store
