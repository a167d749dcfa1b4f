// What a session is configured with. The names are those of bastion.toml (docs/CONFIG.md).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "bastion/base/endpoint.h"
#include "bastion/base/record_policy.h"

namespace bastion::session {

struct Settings {
  std::chrono::seconds keepalive_interval;
  int keepalive_count_max = 0;
  std::string client_env = {};  // empty: none
  std::shared_ptr<const std::string> motd = nullptr;
  bool last_login = false;
  bool record_input = false;
  RecordWhenFull record_when_full = RecordWhenFull::refuse;
  bool own_keys = false;                          // users add keys themselves
  bool own_passwords = false;                     // and change their passwords
  std::chrono::seconds authorized_keys_again{0};  // 0: never
  std::optional<Endpoint> window = {};            // by what forwards it is asked for; nothing: by none
};

}  // namespace bastion::session
