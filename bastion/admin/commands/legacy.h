// `--legacy` and `--no-legacy`, of backends and of containers.
#pragma once

#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// Sets what the command line says about it, if it says anything.
[[nodiscard]] Result<> set_legacy(const Arguments& arguments, bool& is_legacy);
// The subject of an audit row: algorithms that can be broken are not agreed to in silence.
[[nodiscard]] std::string audited(const std::string& name, const Arguments& arguments);

}  // namespace bastion::admin
