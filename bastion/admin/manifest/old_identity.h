// While the bastion has a new and an old identity key: who has not been seen to take the new one. And
// while it has another CA: whose sshd has to trust it.
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

// `backend be1`, `container alice/web`: those that the bastion logs in to with certificates.
[[nodiscard]] Result<std::vector<std::string>> asking_for_certificates(store::Database& database);

}  // namespace bastion::admin
