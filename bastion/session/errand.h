// What is asked for of the bastion itself, by the name of a subsystem: its commands. Pure.
#pragma once

#include <optional>
#include <string>

#include "bastion/connection/session_start.h"
#include "bastion/session/admin_endpoint.h"

namespace bastion::session {

struct Errand {
  AdminEndpoint::Door door;
  std::string words;  // of a command, or empty
};

// Nothing where a session is for something else.
[[nodiscard]] std::optional<Errand> errand_of(const connection::SessionStart& start);

}  // namespace bastion::session
