// What a server that was killed has left behind in the history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/server/server_id.h"

namespace bastion::store {
class Database;
class Writer;
}  // namespace bastion::store

namespace bastion::server {

// Closes the sessions that these servers have left open, each with its row in the audit, as if it had ended `now`.
// Returns how many there were. They must not be running. Call inside a transaction.
[[nodiscard]] Result<std::size_t> close_left_open(store::Database& database, const std::vector<std::string>& servers,
                                                  std::int64_t now);

// Has the writer do that for every server that has left `server` its name, before anything else: a start does not wait
// for whoever writes to the database.
void recover(store::Writer& writer, const ServerId& server);

}  // namespace bastion::server
