#include "bastion/sftp/operation.h"

#include <array>
#include <cstddef>

namespace bastion::sftp {

std::string_view word_of(Operation::Kind kind) {
  static constexpr std::array<std::string_view, 12> kWords{"open",     "opendir",  "remove",  "rename",
                                                           "mkdir",    "rmdir",    "setstat", "symlink",
                                                           "hardlink", "readlink", "copy",    "other"};
  return kWords.at(static_cast<std::size_t>(kind));
}

std::string_view words_of_status(std::uint32_t status) {
  static constexpr std::array<std::string_view, 9> kWords{
      "ok",          "end of file",   "no such file",    "permission denied",    "failure",
      "bad message", "no connection", "connection lost", "operation unsupported"};
  return status < kWords.size() ? kWords.at(status) : "unknown status";
}

}  // namespace bastion::sftp
