// A command that stands in place of whatever is asked for (authorized_keys(5), command=), as it is asked of the
// container's sshd. Pure.
#pragma once

#include <string>

#include "bastion/base/result.h"
#include "bastion/connection/session_start.h"

namespace bastion::access {

// As sshd does it: the login shell runs `command`, and what was asked for is in SSH_ORIGINAL_COMMAND, byte for byte,
// where it was a command or a subsystem. No sshd accepts that variable as an environment request, so it goes along in
// the line that is asked for; and that is read by the login shell, whichever it is. So both texts are written in
// characters that no shell takes for anything else, and decoded by /bin/sh.
//
// The error is a sentence for the user: what was asked for has a NUL in it, where sshd ends the connection, or the line
// is longer than a shell is given one.
[[nodiscard]] Result<connection::SessionStart> forced(const std::string& command,
                                                      const connection::SessionStart& asked);

}  // namespace bastion::access
