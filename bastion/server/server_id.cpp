#include "bastion/server/server_id.h"

#include <utility>

#include "bastion/config/state_dir.h"
#include "bastion/server/id.h"
#include "bastion/setup/key_files.h"

namespace bastion::server {

Result<ServerId> ServerId::take(const std::filesystem::path& state_dir) {
  const auto folder = config::StateDir(state_dir).server_folder();
  if (auto made = setup::make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  Result<ServerId> taken{ServerId()};
  auto& id = *taken;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    auto locked = loop::FileLock::take(at->path());
    if (!locked) return std::unexpected(std::move(locked.error()));
    if (!*locked) continue;
    id.free_.push_back(at->path().filename());
    if (id.lock_) continue;
    id.text_ = id.free_.back();
    id.lock_ = *std::move(locked);
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  if (id.lock_) return taken;

  id.text_ = new_id();
  id.free_.push_back(id.text_);
  auto locked = loop::FileLock::take(folder / id.text_);
  if (!locked) return std::unexpected(std::move(locked.error()));
  id.lock_ = *std::move(locked);
  return taken;
}

}  // namespace bastion::server
