// What `apply` and the imports say: how many things were changed, and each of them.
#pragma once

#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/manifest/apply.h"

namespace bastion::admin {

// With `--dry-run` among the arguments it is a explanation.
[[nodiscard]] Answer answer_of(const std::vector<Change>& changes, const Arguments& arguments);

}  // namespace bastion::admin
