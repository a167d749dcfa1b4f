#include "store/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "bastion/base/whole_file.h"
#include "store/database.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(const fs::path& file) { return fail("{}: {}", file.string(), std::strerror(errno)); }

// Gives what is finished its name, unless that is taken.
Result<> name_it(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  // NFS knows no such renaming, but links do the same there.
  if (errno == EINVAL && ::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
    return {};
  }
  if (errno == EEXIST) return fail("{} is there already; a backup overwrites nothing", to.string());
  return refused(to);
}

Result<> write_and_name(const fs::path& database, const fs::path& partial, const fs::path& file) {
  auto source = Database::connect(database);
  if (!source) return std::unexpected(source.error());
  if (auto copied = Statement(*source, "VACUUM INTO ?").run({partial.string()}); !copied) return copied;
  // SQLite does not do it for what VACUUM INTO writes.
  if (auto written = put_on_disk(partial); !written) return written;
  if (auto named = name_it(partial, file); !named) return named;
  return put_on_disk(file.parent_path());
}

}  // namespace

Result<fs::path> make_file_beside(const fs::path& file) {
  auto name = file.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return refused(file);
  ::close(fd);
  return fs::path(name);
}

Result<> write_backup(const fs::path& database, const fs::path& file) {
  std::error_code error;
  const auto to = fs::absolute(file, error);
  if (error) return fail("{}: {}", file.string(), error.message());
  if (fs::exists(fs::symlink_status(to, error))) {
    return fail("{} is there already; a backup overwrites nothing", file.string());
  }
  const auto partial = make_file_beside(to);
  if (!partial) return std::unexpected(partial.error());
  auto written = write_and_name(database, *partial, to);
  if (!written) ::unlink(partial->c_str());
  return written;
}

}  // namespace bastion::store
