// `bastion serve`: the service, from its configuration to its end.
#pragma once

namespace bastion::config {
struct Config;
struct Source;
}  // namespace bastion::config

namespace bastion::server {

// Runs in the foreground until SIGTERM or SIGINT, then lets sessions end. SIGHUP reads `source` again, where `config`
// comes from; other signals from elsewhere do nothing. Tells systemd how it is doing. Returns the exit status.
[[nodiscard]] int serve(const config::Config& config, const config::Source& source);

// What serve() starts for the private keys, as the same program anew (signer/signer.h). Returns the exit status.
[[nodiscard]] int serve_signatures();

}  // namespace bastion::server
