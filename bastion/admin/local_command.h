// `bastion admin WORDS…`: a command of whoever sits on the machine, with or without a bastion that serves there.
#pragma once

#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/config/config.h"

namespace bastion::admin {

// What standard output is, for answers. NO_COLOR: https://no-color.org
[[nodiscard]] OutputFormat format_here();
// The outcome on standard output and standard error; returns the exit status.
int print(const Outcome& outcome);

// What only the bastion that serves knows is asked of it (local_endpoint.h); everything else happens here. At a
// terminal it may ask, and may be watched. Returns the exit status.
[[nodiscard]] int run_here(const config::Config& config, std::vector<std::string> words);

}  // namespace bastion::admin
