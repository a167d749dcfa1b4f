// Habits that were learned at hosts one logs in to: ssh-copy-id(1), or what people type in its place, and passwd(1).
#pragma once

#include <string_view>

#include "bastion/connection/session_start.h"

namespace bastion::session {

// It lands in the container, where only the container's sshd reads it: for who comes by `ssh -J`.
inline constexpr std::string_view kKeyIsTheContainers =
    "this puts the key into the container, for ssh -J only; to log in here with it, give it to your administrator";
// The same, where users add keys themselves.
inline constexpr std::string_view kKeyIsTheContainersAndOurs =
    "this puts the key into the container, for ssh -J only; to log in here with it, add it with the subsystem me: "
    "ssh -s ... me key add - < key.pub";
inline constexpr std::string_view kPasswordIsTheContainers =
    "this is the password of your account in the container; it changes nothing about how you log in here";

// The same, where users change theirs themselves and have one.
inline constexpr std::string_view kPasswordIsTheContainersAndOurs =
    "this is the password of your account in the container; the one you log in here with is changed with the subsystem "
    "me: ssh -t -s ... me password";

[[nodiscard]] inline bool copies_key(const connection::SessionStart& start) {
  return start.kind == connection::SessionStart::Kind::command && start.words.contains("cat >>") &&
         start.words.contains(".ssh/authorized_keys");
}

[[nodiscard]] inline bool sets_password(const connection::SessionStart& start) {
  return start.kind == connection::SessionStart::Kind::command && start.words == "passwd";
}

}  // namespace bastion::session
