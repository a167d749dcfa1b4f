// A lock that lasts as long as the process, whatever way that ends: nothing has to be cleaned up after a kill -9, and
// no process id is ever compared. An open file description lock (fcntl(2)), because others can ask about one of those
// without taking it.
#pragma once

#include <filesystem>
#include <optional>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::loop {

class FileLock {
 public:
  // The lock of this file, which is made (mode 0600) where there is none; nothing while somebody else has it.
  [[nodiscard]] static Result<std::optional<FileLock>> take(const std::filesystem::path& file);
  // Whether somebody has it now. Nobody has that of a file that is not there.
  [[nodiscard]] static Result<bool> is_taken(const std::filesystem::path& file);

 private:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

}  // namespace bastion::loop
