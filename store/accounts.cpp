#include "store/accounts.h"

namespace bastion::store {
namespace {

Result<bool> is_found(const Result<std::optional<bool>>& found) {
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

bool any(const Row& /*row*/) { return true; }

}  // namespace

Accounts::Accounts(Database& database)
    : named_(database,
             "SELECT 1 FROM backends WHERE login = ?1 UNION ALL SELECT 1 FROM containers WHERE login = ?1 LIMIT 1"),
      // From the few rows of the host key to the one of the account: each of these steps has an index.
      in_machine_(database,
                  "SELECT 1 FROM host_keys h JOIN backends b ON b.id = h.backend"
                  " WHERE h.blob = ?2 AND h.address IS NULL AND b.login = ?1"
                  " UNION ALL"
                  " SELECT 1 FROM host_keys h JOIN containers c"
                  " ON c.backend = h.backend AND c.address = h.address AND c.port = h.port AND c.login = ?1"
                  " WHERE h.blob = ?2 LIMIT 1"),
      certified_(database,
                 "SELECT 1 FROM backends WHERE login = ?1 AND identity = 'certificate'"
                 " UNION ALL SELECT 1 FROM containers WHERE login = ?1 AND identity = 'certificate' LIMIT 1"),
      certified_backend_(database,
                         "SELECT 1 FROM host_keys h JOIN backends b ON b.id = h.backend"
                         " WHERE h.blob = ?2 AND h.address IS NULL AND b.login = ?1 AND b.identity = 'certificate'"
                         " LIMIT 1"),
      certified_container_(database,
                           "SELECT 1 FROM host_keys h JOIN containers c"
                           " ON c.backend = h.backend AND c.address = h.address AND c.port = h.port AND c.login = ?1"
                           " WHERE h.blob = ?2 AND c.identity = 'certificate' LIMIT 1") {}

Result<bool> Accounts::has(std::string_view account) { return is_found(named_.first(any, {account})); }

Result<bool> Accounts::has(std::string_view account, Bytes host_key) {
  return is_found(in_machine_.first(any, {account, host_key}));
}

Result<bool> Accounts::asks_for_certificates(std::string_view account) {
  return is_found(certified_.first(any, {account}));
}

Result<bool> Accounts::backend_asks_for_certificates(std::string_view account, Bytes host_key) {
  return is_found(certified_backend_.first(any, {account, host_key}));
}

Result<bool> Accounts::container_asks_for_certificates(std::string_view account, Bytes host_key) {
  return is_found(certified_container_.first(any, {account, host_key}));
}

}  // namespace bastion::store
