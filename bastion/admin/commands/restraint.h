// What others than administrators may change by a command that is theirs: nothing that belongs to somebody who has a
// role. It is measured by what has become of it, so that no command has to think of it. What an errand does to a
// machine is in no row: it asks before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/containers.h"
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

// Whether whoever gives the command may do something to the machines that these containers are, and end these sessions
// there; the error is the sentence for them.
[[nodiscard]] Result<> may_act_on(const Context& context, const std::vector<store::Container>& containers,
                                  const std::vector<std::string>& sessions);

}  // namespace bastion::admin
