// `audit list --follow`: what is there, and then what is added, of every bastion of a fleet. Of this one from its own
// database, at once; of the others as soon as they have carried it to the fleet's records. Each row once.
#pragma once

#include <cstdint>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/audit.h"

namespace bastion::admin {

// The newest rows that are there.
[[nodiscard]] Result<Answer> begin_following(Context& context, store::Audit& audit, const Arguments& arguments,
                                             std::int64_t since, int limit);
// What stands behind the rows that `--after` names, and goes on from there.
[[nodiscard]] Result<Answer> begin_following_after(Context& context, store::Audit& audit, const Arguments& arguments);
// What was added since then (Context::after).
[[nodiscard]] Result<Answer> go_on_following(Context& context, store::Audit& audit, const Arguments& arguments);

}  // namespace bastion::admin
