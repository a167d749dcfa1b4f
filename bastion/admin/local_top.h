// `bastion admin top` at a terminal on this machine.
#pragma once

#include <functional>

#include "bastion/admin/command_executor.h"

namespace bastion::admin {

// Until it is left; the terminal is as it was then, also where a signal ends it. `run` asks whoever serves: it is
// called on another thread, one job at a time, and may still run when this has returned. Gives the exit status.
[[nodiscard]] int run_top_here(const std::function<Outcome(CommandExecutor::Job)>& run);

}  // namespace bastion::admin
