// `bastion serve`: the service, from its configuration to its end.
#pragma once

#include <string_view>

namespace bastion::config {
struct Config;
struct Source;
}  // namespace bastion::config

namespace bastion::server {

// Runs in the foreground until SIGTERM or SIGINT, then lets sessions end. SIGHUP reads `source` again, where `config`
// comes from, and lets another process serve where that is needed (supervisor.h); other signals from elsewhere do
// nothing. Tells systemd how it is doing. `called` is the name by which this program was started. Returns the exit
// status.
[[nodiscard]] int serve(const config::Config& config, const config::Source& source, std::string_view called);

// The process that it starts, and that does it, as the same program anew. Returns the exit status.
[[nodiscard]] int serve_generation(const config::Source& source);

// What that starts for the private keys, again as the same program (signer/signer.h). Returns the exit status.
[[nodiscard]] int serve_signatures();

}  // namespace bastion::server
