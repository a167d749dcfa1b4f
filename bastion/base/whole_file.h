// A file as one text. Not std::ifstream: what it reads through throws where a folder or a broken disk is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "bastion/base/result.h"

namespace bastion {

// Of a pipe or a device whose content is yet to come.
enum class Waiting : std::uint8_t { allowed, refused };

// The error begins with the name. A file of more than `most` bytes is not read to its end: its text is longer than
// that.
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path& file,
                                                  std::size_t most = std::numeric_limits<std::size_t>::max(),
                                                  Waiting waiting = Waiting::allowed);

// The same of what is open; the error has no name in it.
[[nodiscard]] Result<std::string> read_descriptor(int descriptor, std::size_t most, Waiting waiting);

// What was written into a file, or which names a folder has, is on the disk when this returns. The error begins with
// the name.
[[nodiscard]] Result<> put_on_disk(const std::filesystem::path& path);

}  // namespace bastion
