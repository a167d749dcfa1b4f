// The lines of a file as sshd(8) has it, as keys of a user.
#pragma once

#include <vector>

#include "bastion/admin/manifest/import.h"

namespace bastion::admin {

// Adds the keys in `file` that are not in `keys` yet, with their options. What cannot be taken over is skipped, by file
// and line; blank lines and comments are not mentioned.
void add_authorized_keys(std::vector<KeyEntry>& keys, const NamedText& file, std::vector<Skipped>& skipped);

}  // namespace bastion::admin
