// `bastion sign-on`: what the process does that talks to the issuer, and nothing else, for the one that serves. Each
// sign-on has a process of its own beside it, so that none waits for another, and what breaks in one is its alone.
#pragma once

namespace bastion::oidc {

// Standard input is the socket of Issuer::start(). Until that is closed; returns the exit status.
[[nodiscard]] int run();

}  // namespace bastion::oidc
