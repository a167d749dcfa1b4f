#include "bastion/server/server_id.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/inherit_owner.h"
#include "bastion/config/state_dir.h"
#include "bastion/server/id.h"
#include "bastion/setup/key_files.h"

namespace bastion::server {
namespace {

Error error_at(const std::filesystem::path& file) {
  return {fmt::format("{}: {}", file.string(), std::strerror(errno))};
}

// A descriptor that holds the lock; an invalid one when somebody else does.
Result<loop::Descriptor> lock(const std::filesystem::path& file) {
  loop::Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!opened.valid()) return std::unexpected(error_at(file));
  if (auto given = inherit_owner(file); !given) return std::unexpected(std::move(given.error()));
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) return opened;
  if (errno == EWOULDBLOCK) return loop::Descriptor{};
  return std::unexpected(error_at(file));
}

}  // namespace

Result<ServerId> ServerId::take(const std::filesystem::path& state_dir) {
  const auto folder = config::StateDir(state_dir).server_folder();
  if (auto made = make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  ServerId id;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    auto locked = lock(at->path());
    if (!locked) return std::unexpected(std::move(locked.error()));
    if (!locked->valid()) continue;
    id.free_.push_back(at->path().filename());
    if (id.lock_.valid()) continue;
    id.text_ = id.free_.back();
    id.lock_ = *std::move(locked);
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  if (id.lock_.valid()) return id;

  id.text_ = new_id();
  id.free_.push_back(id.text_);
  auto locked = lock(folder / id.text_);
  if (!locked) return std::unexpected(std::move(locked.error()));
  id.lock_ = *std::move(locked);
  return id;
}

}  // namespace bastion::server
