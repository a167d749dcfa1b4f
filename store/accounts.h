// The accounts that the bastion logs in to: of backends and of containers.
#pragma once

#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class Accounts {
 public:
  explicit Accounts(Database& database);

  // Whether there is one of this name anywhere.
  [[nodiscard]] Result<bool> has(std::string_view account);
  // Whether there is one in a machine that has this host key on record, learned or pinned.
  [[nodiscard]] Result<bool> has(std::string_view account, Bytes host_key);
  // The same, of those that are logged in to with a certificate.
  [[nodiscard]] Result<bool> asks_for_certificates(std::string_view account);
  [[nodiscard]] Result<bool> backend_asks_for_certificates(std::string_view account, Bytes host_key);
  [[nodiscard]] Result<bool> container_asks_for_certificates(std::string_view account, Bytes host_key);

  // In the same way, of those in a machine that host certificates for this name are for (store/host_cas.h).
  [[nodiscard]] Result<bool> has_at(std::string_view account, std::string_view name);
  [[nodiscard]] Result<bool> backend_asks_for_certificates_at(std::string_view account, std::string_view name);
  [[nodiscard]] Result<bool> container_asks_for_certificates_at(std::string_view account, std::string_view name);

 private:
  Statement named_;
  Statement in_machine_;
  Statement certified_;
  Statement certified_backend_;
  Statement certified_container_;
  Statement at_name_;
  Statement certified_backend_at_name_;
  Statement certified_container_at_name_;
};

}  // namespace bastion::store
