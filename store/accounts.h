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

 private:
  Statement named_;
  Statement in_machine_;
};

}  // namespace bastion::store
