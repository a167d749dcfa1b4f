// A copy of the whole database in one file, made while others read and write.
#pragma once

#include <filesystem>

#include "bastion/base/result.h"

namespace bastion::store {

// Writes the database as it is at one moment to `file` (mode 0600), which must not be there yet. Holds up nobody: who
// writes meanwhile goes on, and is not in the copy. It is on the disk when this returns; after an error there is no
// `file`.
[[nodiscard]] Result<> write_backup(const std::filesystem::path& database, const std::filesystem::path& file);

// A file beside `file` that nobody else uses, empty, mode 0600.
[[nodiscard]] Result<std::filesystem::path> make_file_beside(const std::filesystem::path& file);

}  // namespace bastion::store
