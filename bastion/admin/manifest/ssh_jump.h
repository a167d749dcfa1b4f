// The ways of ssh_config(5) to say what a host is reached through. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::admin {

// As it stands there; what is empty is what the configuration says of that host.
struct SshJump {
  std::string host;
  std::string user = {};
  std::string port = {};
};

// What %h, %n, %p and %r stand for in there (ssh_config(5), TOKENS).
struct SshTokens {
  std::string host;      // %h: where the target is
  std::string original;  // %n: what it is called
  std::string port;
  std::string user;
};

// `[user@]host[:port]` or `ssh://…`, several with commas; the first is the nearest. `none` and nothing are no jumps.
[[nodiscard]] Result<std::vector<SshJump>> parse_proxy_jump(std::string_view text, const SshTokens& tokens);

// `ssh -W %h:%p gw`, `ssh ops@gw nc %h %p`: a command that does what a jump does. Any other one is an error.
[[nodiscard]] Result<std::vector<SshJump>> parse_proxy_command(std::string_view text, const SshTokens& tokens);

}  // namespace bastion::admin
