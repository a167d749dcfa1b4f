// A client that installs a key in the usual way: ssh-copy-id(1), or what people type in its place.
#pragma once

#include <string_view>

#include "bastion/connection/session_start.h"

namespace bastion::session {

// It lands in the container, where only the container's sshd reads it: for who comes by `ssh -J`.
inline constexpr std::string_view kKeyIsTheContainers =
    "this puts the key into the container, for ssh -J only; to log in here with it, give it to your administrator";

[[nodiscard]] inline bool copies_key(const connection::SessionStart& start) {
  return start.kind == connection::SessionStart::Kind::command && start.words.contains("cat >>") &&
         start.words.contains(".ssh/authorized_keys");
}

}  // namespace bastion::session
