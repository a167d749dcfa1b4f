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

Result<> write_cursor(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return cursor_failed(file, errno);
  const auto written = ::write(descriptor, text.data(), text.size());
  const int error = written < 0 ? errno : ENOSPC;
  ::close(descriptor);
  return written == static_cast<ssize_t>(text.size()) ? Result<>{} : cursor_failed(file, error);
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
  if (auto written = write_cursor(next, place.text() + "\n"); !written) return written;
  if (auto kept = put_on_disk(next); !kept) return kept;
  if (::rename(next.c_str(), file_.c_str()) != 0) return cursor_failed(file_, errno);
  // A name that was changed is on the disk when its folder is.
  return put_on_disk(file_.has_parent_path() ? file_.parent_path() : fs::path("."));
}

}  // namespace bastion::admin
