#include "bastion/base/inherit_owner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bastion {

Result<> inherit_owner(const std::filesystem::path& file) {
  if (::geteuid() != 0) return {};
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  struct stat owner{};
  if (::stat(directory.c_str(), &owner) != 0) return fail("{}: {}", directory.string(), std::strerror(errno));
  // lchown: a link that somebody put there in time must not lead root to give away what it points to.
  if (::lchown(file.c_str(), owner.st_uid, owner.st_gid) != 0) {
    return fail("{}: it cannot be given to the owner of {}: {}", file.string(), directory.string(),
                std::strerror(errno));
  }
  return {};
}

}  // namespace bastion
