// What a server that was killed has left behind in the history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::store {
class Database;
}

namespace bastion::server {

// Closes the sessions that these servers have left open, each with its row in the audit, as if it had ended `now`.
// Returns how many there were. They must not be running. Call inside a transaction.
[[nodiscard]] Result<std::size_t> close_left_open(store::Database& database, const std::vector<std::string>& servers,
                                                  std::int64_t now);

}  // namespace bastion::server
