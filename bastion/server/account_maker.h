// Makes the accounts of those who come with a certificate of a CA that is trusted with that, on threads of its own.
#pragma once

#include <memory>

#include "bastion/base/result.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/executor.h"
#include "bastion/session/new_accounts.h"

namespace bastion::server {

class AccountMaker final : public session::NewAccounts {
 public:
  // The executor outlives it. Its threads may have to wait for the database.
  [[nodiscard]] static Result<std::unique_ptr<AccountMaker>> open(const fleet::Directory& directory,
                                                                  loop::Executor& executor);
  ~AccountMaker();

  [[nodiscard]] Task<Result<>> make(loop::Loop& loop, Wanted wanted) override;

 private:
  class Book;
  AccountMaker(loop::Executor& executor, std::shared_ptr<Book> book);

  loop::Executor& executor_;
  std::shared_ptr<Book> book_;  // the jobs' too, which may outlive this
};

}  // namespace bastion::server
