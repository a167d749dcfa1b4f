// Which starts of a session are there to carry files: SFTP, scp's old protocol, rsync. Pure.
//
// A command is read as the programs of clients write it, and as they let their users write it (`rsync --rsync-path`,
// `sftp -s`); whoever may run a shell can do the same in other words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/sftp_access.h"
#include "bastion/connection/session_start.h"

namespace bastion::access {

enum class FileTransfer : std::uint8_t {
  none,
  sftp,   // either way, as its packets say
  read,   // scp -f, rsync --server --sender
  write,  // scp -t, rsync --server
  both,   // a daemon of rsync; a copy out of the container that takes away what was copied, or writes beside it
};

[[nodiscard]] FileTransfer file_transfer_of(const connection::SessionStart& start);
// The same of a command line.
[[nodiscard]] FileTransfer file_transfer_of(std::string_view command);

// Why it is refused, in words for the user; nothing when it is allowed: SFTP where anything is, for a filter to look
// at.
[[nodiscard]] std::optional<std::string> objection(const SftpAccess& access, FileTransfer transfer);

}  // namespace bastion::access
