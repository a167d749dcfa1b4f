// `bastion serve`: the service, from its configuration to its end.
#pragma once

namespace bastion::config {
struct Config;
}

namespace bastion {

// Runs in the foreground until SIGTERM or SIGINT, then lets sessions end. Tells systemd how it is doing. Returns the
// exit status.
[[nodiscard]] int serve(const config::Config& config);

}  // namespace bastion
