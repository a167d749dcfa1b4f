// What `explain` has to ask of the bastion that serves.
#pragma once

#include <optional>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/login/rehearsal.h"

namespace bastion::admin {

// Nothing when the arguments make no question.
[[nodiscard]] std::optional<login::Rehearsal::Question> question_in(const Arguments& arguments);

}  // namespace bastion::admin
