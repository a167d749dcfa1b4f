#include "bastion/loop/file_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/inherit_owner.h"

namespace bastion::loop {
namespace {

std::unexpected<Error> failed_at(const std::filesystem::path& file) {
  return fail("{}: {}", file.string(), std::strerror(errno));
}

// Of the file as a whole.
struct flock write_lock() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<std::optional<FileLock>> FileLock::take(const std::filesystem::path& file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!opened.valid()) return failed_at(file);
  if (auto given = inherit_owner(file); !given) return std::unexpected(std::move(given.error()));
  const auto lock = write_lock();
  if (::fcntl(opened.get(), F_OFD_SETLK, &lock) == 0) return FileLock(std::move(opened));
  if (errno == EAGAIN || errno == EACCES) return std::nullopt;
  return failed_at(file);
}

Result<bool> FileLock::is_taken(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!opened.valid() && errno == ENOENT) return false;
  if (!opened.valid()) return failed_at(file);
  auto lock = write_lock();
  if (::fcntl(opened.get(), F_OFD_GETLK, &lock) != 0) return failed_at(file);
  return lock.l_type != F_UNLCK;
}

}  // namespace bastion::loop
