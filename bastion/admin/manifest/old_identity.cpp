#include "bastion/admin/manifest/old_identity.h"

#include "store/accepted_identities.h"
#include "store/backends.h"
#include "store/containers.h"

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

Result<std::vector<std::string>> asking_for_certificates(store::Database& database) {
  const auto backends = store::Backends(database).all();
  if (!backends) return std::unexpected(backends.error());
  const auto containers = store::Containers(database).all();
  if (!containers) return std::unexpected(containers.error());
  std::vector<std::string> asking;
  for (const auto& one : *backends) {
    if (one.presents == store::Presented::certificate) asking.push_back("backend " + one.name);
  }
  for (const auto& one : *containers) {
    if (one.presents == store::Presented::certificate) asking.push_back("container " + one.full_name());
  }
  return asking;
}

}  // namespace bastion::admin
