// `--legacy`, `--no-legacy` and `--identity`, of backends and of containers.
#pragma once

#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/base/result.h"
#include "store/presented.h"

namespace bastion::admin {

// Sets what the command line says about it, if it says anything.
[[nodiscard]] Result<> set_legacy(const Arguments& arguments, bool& is_legacy);
void set_identity(const Arguments& arguments, store::Presented& presents);
// The subject of an audit row: algorithms that can be broken are not agreed to in silence, and what lets the bastion in
// is not changed in silence either.
[[nodiscard]] std::string audited(const std::string& name, const Arguments& arguments);

}  // namespace bastion::admin
