// `bastion launcher`: what the process does that starts ssh(1), and nothing else, for the one that serves.
#pragma once

namespace bastion::launcher {

// Standard input is the socket of Launcher::start(). Until that is closed; returns the exit status.
[[nodiscard]] int run();

}  // namespace bastion::launcher
