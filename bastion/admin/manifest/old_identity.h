// While the bastion has a new and an old identity key: who has not been seen to take the new one.
#pragma once

#include <string>
#include <vector>

#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

namespace bastion::store {
class Database;
}

namespace bastion::admin {

// `backend be1 takes only the old key`, `container alice/web was not logged in to since`.
[[nodiscard]] Result<std::vector<std::string>> needing_the_old_key(store::Database& database, const PublicKey& current);

}  // namespace bastion::admin
