#include "bastion/admin/audit_cursor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "bastion/base/whole_file.h"

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestCursor = 200;

std::unexpected<Error> cursor_failed(const fs::path& file, int error) {
  return fail("{}: {}", file.string(), std::strerror(error));
}

Result<> write_to_disk(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return cursor_failed(file, errno);
  const auto written = ::write(descriptor, text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size());
  const int error = is_whole && ::fsync(descriptor) == 0 ? 0 : written >= 0 && !is_whole ? ENOSPC : errno;
  ::close(descriptor);
  return error == 0 ? Result<>{} : cursor_failed(file, error);
}

// A name that was changed is on the disk when its folder is.
Result<> sync_folder_of(const fs::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return cursor_failed(folder, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error == 0 ? Result<>{} : cursor_failed(folder, error);
}

}  // namespace

Result<store::ChainHead> AuditCursor::read() const {
  std::error_code error;
  if (!fs::exists(file_, error) && !error) return store::ChainHead{};
  auto text = read_whole_file(file_, kLongestCursor, Waiting::refused);
  if (!text) return std::unexpected(std::move(text.error()));
  while (!text->empty() && text->back() == '\n') text->pop_back();
  const auto place = store::ChainHead::parse(*text);
  if (!place) return fail("{}: {}", file_.string(), place.error().text);
  return place;
}

Result<> AuditCursor::write(const store::ChainHead& place) const {
  auto next = file_;
  next += ".next";
  if (auto written = write_to_disk(next, place.text() + "\n"); !written) return written;
  if (::rename(next.c_str(), file_.c_str()) != 0) return cursor_failed(file_, errno);
  return sync_folder_of(file_);
}

}  // namespace bastion::admin
