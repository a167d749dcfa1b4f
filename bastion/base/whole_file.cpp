#include "bastion/base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bastion {
Result<std::string> read_descriptor(int descriptor, std::size_t most, Waiting waiting) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return fail("{}", std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return fail("this is a folder, not a file");
  const bool is_there = S_ISREG(status.st_mode) || S_ISCHR(status.st_mode);
  if (waiting == Waiting::refused && !is_there) return fail("this is not a file");
  std::string text;
  std::array<char, 64 * 1024> some{};
  while (text.size() <= most) {
    const auto count = ::read(descriptor, some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("{}", std::strerror(errno));
    if (count == 0) break;
    text.append(some.data(), static_cast<std::size_t>(count));
  }
  return text;
}

Result<std::string> read_whole_file(const std::filesystem::path& file, std::size_t most, Waiting waiting) {
  const int how = waiting == Waiting::refused ? O_NONBLOCK | O_NOCTTY : 0;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | how);
  if (fd < 0) return fail("{}: {}", file.string(), std::strerror(errno));
  auto text = read_descriptor(fd, most, waiting);
  ::close(fd);
  if (!text) return fail("{}: {}", file.string(), text.error().text);
  return text;
}

Result<> put_on_disk(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail("{}: {}", path.string(), std::strerror(errno));
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? Result<>{} : fail("{}: {}", path.string(), std::strerror(error));
}

}  // namespace bastion
