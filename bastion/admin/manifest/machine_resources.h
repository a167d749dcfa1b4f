// What a machine has that is free, from `incus query /1.0/resources`, or that of lxc. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::admin {

struct MachineResources {
  std::int64_t free_memory = 0;        // bytes
  bool has_processor_to_spare = true;  // fewer wanted to run in the last minute than there are; where it says so
};

[[nodiscard]] Result<MachineResources> machine_resources_in(std::string_view json);

}  // namespace bastion::admin
