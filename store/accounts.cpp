#include "store/accounts.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

Result<bool> is_found(const Result<std::optional<bool>>& found) {
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

bool any(const Row& /*row*/) { return true; }

// As HostCas has it: the name that was given to the machine, or its address where the bastion itself connects to it.
// The rows are few, by an index, and so are those of the account among them.
constexpr std::string_view kBackendsAtName =
    "SELECT b.identity FROM host_key_aliases a JOIN backends b ON b.id = a.backend"
    " WHERE a.name = ?2 AND a.address IS NULL AND b.login = ?1"
    " UNION ALL SELECT b.identity FROM backends b WHERE b.host = ?2 AND b.login = ?1 AND b.via IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM host_key_aliases a WHERE a.backend = b.id AND a.address IS NULL)";
constexpr std::string_view kContainersAtName =
    "SELECT c.identity FROM host_key_aliases a JOIN containers c"
    " ON c.backend = a.backend AND c.address = a.address AND c.port = a.port WHERE a.name = ?2 AND c.login = ?1"
    " UNION ALL SELECT c.identity FROM containers c JOIN backends b ON b.id = c.backend"
    " WHERE c.address = ?2 AND c.login = ?1 AND b.via IS NULL AND b.route = 'direct'"
    " AND NOT EXISTS (SELECT 1 FROM host_key_aliases a"
    " WHERE a.backend = c.backend AND a.address = c.address AND a.port = c.port)";

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
                  " WHERE h.blob = ?2 AND c.identity <> 'agent' LIMIT 1"),
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
                           " WHERE h.blob = ?2 AND c.identity = 'certificate' LIMIT 1"),
      at_name_(database, fmt::format("SELECT 1 FROM ({} UNION ALL {}) WHERE identity <> 'agent' LIMIT 1",
                                     kBackendsAtName, kContainersAtName)),
      certified_backend_at_name_(
          database, fmt::format("SELECT 1 FROM ({}) WHERE identity = 'certificate' LIMIT 1", kBackendsAtName)),
      certified_container_at_name_(
          database, fmt::format("SELECT 1 FROM ({}) WHERE identity = 'certificate' LIMIT 1", kContainersAtName)) {}

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

Result<bool> Accounts::has_at(std::string_view account, std::string_view name) {
  return is_found(at_name_.first(any, {account, name}));
}

Result<bool> Accounts::backend_asks_for_certificates_at(std::string_view account, std::string_view name) {
  return is_found(certified_backend_at_name_.first(any, {account, name}));
}

Result<bool> Accounts::container_asks_for_certificates_at(std::string_view account, std::string_view name) {
  return is_found(certified_container_at_name_.first(any, {account, name}));
}

}  // namespace bastion::store
