// What is moved in the directory because a source says so, and written down: within a change of the database's, but
// for the last one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/follow/agreement.h"
#include "bastion/follow/arrivals.h"
#include "store/containers.h"

namespace bastion::store {
class Database;
}

namespace bastion::follow {

// All that is on the backends of the reach.
[[nodiscard]] Result<std::vector<store::Container>> known_to(store::Database& database, const Reach& reach);

// A row in the audit that `source BACKEND` has written.
[[nodiscard]] Result<> write_down(store::Database& database, const Reach& reach, std::int64_t now, std::string action,
                                  std::string subject, std::string detail);

// Each with a row in the audit; host keys go along. They may change places with each other.
[[nodiscard]] Result<> carry_out(store::Database& database, const Reach& reach, const std::vector<Move>& moves,
                                 std::int64_t now);

// Newcomers among these (arrivals.h). Where one was, and is no more, it is not said any longer why it is not followed.
[[nodiscard]] Result<std::vector<Instance>> find_newcomers(store::Database& database, std::int64_t backend,
                                                           const std::vector<Instance>& listed);

}  // namespace bastion::follow
