// What a session is configured with. The names are those of bastion.toml (docs/CONFIG.md).
#pragma once

#include <chrono>

namespace bastion::session {

struct Settings {
  std::chrono::seconds login_grace;
  std::chrono::seconds keepalive_interval;
  int keepalive_count_max = 0;
  int max_auth_tries = 0;
};

}  // namespace bastion::session
