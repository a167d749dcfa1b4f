// What root makes in a directory that belongs to a service user shall belong to that user too: the service could not
// write it otherwise.
#pragma once

#include <filesystem>

#include "bastion/base/result.h"

namespace bastion {

// Gives `file` to the owner of the directory it is in. Does nothing for anybody but root: what others make is theirs.
[[nodiscard]] Result<> inherit_owner(const std::filesystem::path& file);

}  // namespace bastion
