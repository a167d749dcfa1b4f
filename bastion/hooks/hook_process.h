// `bastion hooks`: what the process does that runs the hooks of administrators, and nothing else, for the one that
// serves. Each runs in a process of its own beside it, so that none waits for another.
#pragma once

namespace bastion::hooks {

// Standard input is the socket of HookRunner::start(). Until that is closed; returns the exit status.
[[nodiscard]] int run();

}  // namespace bastion::hooks
