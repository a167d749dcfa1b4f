#include "bastion/admin/manifest/old_identity.h"

#include "store/accepted_identities.h"

namespace bastion::admin {

Result<std::vector<std::string>> needing_the_old_key(store::Database& database, const PublicKey& current) {
  const auto accounts = store::AcceptedIdentities(database).all();
  if (!accounts) return std::unexpected(accounts.error());
  std::vector<std::string> needing;
  for (const auto& account : *accounts) {
    if (account.key == current.blob) continue;
    needing.push_back(account.machine + (account.key ? " takes only the old key" : " was not logged in to since"));
  }
  return needing;
}

}  // namespace bastion::admin
