// What others than administrators may change by a command that is theirs: nothing that belongs to somebody who has a
// role. It is measured by what has become of it, so that no command has to think of it.
#pragma once

#include <optional>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/protection.h"
#include "store/users.h"

namespace bastion::admin {

class Restraint {
 public:
  // Before the change, in its transaction.
  [[nodiscard]] static Result<Restraint> begin(store::Database& database, store::Role role);
  // After it, in the same one: the error takes it back.
  [[nodiscard]] Result<> check(const Context& context, const Answer& answer) const;

 private:
  std::optional<store::Protection> before_;  // nothing: an administrator may all
};

}  // namespace bastion::admin
