// FILE and DIR arguments of somebody who sits on this machine, and her standard input.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// To its end, or until it is too long.
[[nodiscard]] StandardInput read_standard_input(StandardInput::Kind kind);
[[nodiscard]] Result<std::vector<NamedText>> read_local_file(std::string_view argument);
// The files of users' keys in a folder: NAME, NAME.pub, NAME.keys and NAME/[.ssh/]authorized_keys[2], by path. Nothing
// else is opened, no link is followed, and everything beside them in the folder is among them unread, with the reason.
[[nodiscard]] Result<std::vector<NamedText>> read_local_folder(std::string_view argument);
// Where a command is to write, or read, by itself.
[[nodiscard]] Result<std::filesystem::path> local_path(std::string_view argument);

}  // namespace bastion::admin
