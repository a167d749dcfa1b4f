// Invitations as they are taken, on a thread of an executor: in a fleet its log decides who was the first.
#pragma once

#include <memory>

#include "bastion/base/result.h"
#include "bastion/fleet/directory.h"
#include "bastion/loop/executor.h"
#include "bastion/session/invitations.h"

namespace bastion::server {

class InvitationTaker final : public session::Invitations {
 public:
  // `executor` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<InvitationTaker>> open(const fleet::Directory& directory,
                                                                     loop::Executor& executor);
  ~InvitationTaker();

  [[nodiscard]] Task<Result<std::optional<std::string>>> take(loop::Loop& loop, Taken taken) override;

 private:
  class Book;
  InvitationTaker(loop::Executor& executor, std::shared_ptr<Book> book);

  loop::Executor& executor_;
  std::shared_ptr<Book> book_;  // the jobs' too, which may outlive this
};

}  // namespace bastion::server
