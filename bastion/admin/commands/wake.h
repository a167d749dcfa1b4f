// `--wake` and `--no-wake`, of backends and of containers.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/containers.h"

namespace bastion::admin {

// Where the arguments say so. Of a container the error says too that the bastion could not start it.
[[nodiscard]] Result<> set_wake(Context& context, const Arguments& arguments, const store::Container& container);
[[nodiscard]] Result<> set_wake(Context& context, const Arguments& arguments, std::int64_t backend);

// For the audit, behind the name of what is changed.
[[nodiscard]] std::string wake_of_container(const Arguments& arguments);
[[nodiscard]] std::string wake_of_backend(const Arguments& arguments);

}  // namespace bastion::admin
