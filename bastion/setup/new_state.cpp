#include "bastion/setup/new_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "bastion/base/inherit_owner.h"
#include "bastion/base/whole_file.h"
#include "bastion/setup/key_files.h"
#include "store/database.h"

namespace bastion::setup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestKey = std::size_t{64} * 1024;

fs::path unfinished(const config::StateDir& state) { return state.root() / ".joining"; }

std::unexpected<Error> failed_at(const fs::path& path, int error) {
  return fail("{}: {}", path.string(), std::strerror(error));
}

// Only names that read_key_files() gives: whatever was sealed, nothing is written elsewhere.
bool is_key_name(const std::string& name) {
  const fs::path path(name);
  const auto folder = path.parent_path().string();
  const auto file = path.filename().string();
  return (folder == "host_keys" || folder == "identity") && !file.empty() && !file.starts_with('.');
}

Result<> clear(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? failed_at(path, error.value()) : Result<>{};
}

Result<> move(const fs::path& from, const fs::path& to) {
  std::error_code unknown;
  if (!fs::exists(from, unknown)) return {};
  return ::rename(from.c_str(), to.c_str()) == 0 ? Result<>{} : failed_at(to, errno);
}

}  // namespace

Result<std::vector<fleet::KeyFile>> read_key_files(const config::StateDir& state) {
  std::vector<fleet::KeyFile> files;
  for (const auto& folder : {state.host_key_folder(), state.identity_folder()}) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const auto name = (folder.filename() / entry->path().filename()).string();
      if (!is_key_name(name) || entry->path().extension() == ".pub") continue;
      auto text = read_whole_file(entry->path(), kLongestKey, Waiting::refused);
      if (!text) return std::unexpected(std::move(text.error()));
      files.push_back({.name = name, .text = *std::move(text)});
    }
    if (error && error != std::errc::no_such_file_or_directory) return failed_at(folder, error.value());
  }
  std::ranges::sort(files, {}, &fleet::KeyFile::name);
  return files;
}

// The database comes last: where it is, everything is.
Result<> NewState::clear_unfinished(const config::StateDir& state) {
  std::error_code error;
  if (!fs::exists(unfinished(state), error)) return {};
  if (!fs::exists(state.database(), error)) {
    for (const auto& path : {state.host_key_folder(), state.identity_folder()}) {
      if (auto removed = clear(path); !removed) return removed;
    }
  }
  return clear(unfinished(state));
}

Result<std::unique_ptr<NewState>> NewState::begin(const fs::path& root) {
  std::error_code error;
  fs::create_directories(root.parent_path(), error);
  const bool was_there = fs::exists(root, error);
  if (auto made = make_private_folder(root); !made) return std::unexpected(std::move(made.error()));
  std::unique_ptr<NewState> state(new NewState(config::StateDir(root), !was_there));
  if (auto made = make_private_folder(unfinished(state->state_)); !made) {
    return std::unexpected(std::move(made.error()));
  }
  return state;
}

NewState::~NewState() {
  if (is_kept_) return;
  std::ignore = clear_unfinished(state_);
  if (made_root_) std::ignore = ::rmdir(state_.root().c_str());
}

Result<> NewState::write(const fleet::KeyFile& key) const {
  if (!is_key_name(key.name)) return fail("the fleet's keys have a file {:?}, which is none of ours", key.name);
  const auto file = unfinished(state_) / key.name;
  if (auto made = make_private_folder(file.parent_path()); !made) return made;
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return failed_at(file, errno);
  const bool written = ::write(fd, key.text.data(), key.text.size()) == static_cast<ssize_t>(key.text.size());
  const int error = errno;
  ::close(fd);
  if (!written) return failed_at(file, error);
  if (auto on_disk = put_on_disk(file); !on_disk) return on_disk;
  return inherit_owner(file);
}

Result<store::Inventory> NewState::fill(const std::vector<fleet::KeyFile>& keys, const FillDatabase& fill_database) {
  for (const auto& key : keys) {
    if (auto written = write(key); !written) return std::unexpected(std::move(written.error()));
  }
  auto database =
      store::Database::open(config::StateDir(unfinished(state_)).database(), store::Database::Access::create);
  if (!database) return std::unexpected(std::move(database.error()));
  if (auto filled = fill_database(*database); !filled) return std::unexpected(std::move(filled.error()));
  return store::take_inventory(*database);
}

config::StateDir NewState::state() const { return config::StateDir(unfinished(state_)); }

Result<> NewState::keep() {
  const config::StateDir made(unfinished(state_));
  for (const auto& [from, to] : {std::pair{made.host_key_folder(), state_.host_key_folder()},
                                 std::pair{made.identity_folder(), state_.identity_folder()}}) {
    if (auto moved = move(from, to); !moved) return moved;
    std::error_code unknown;
    if (!fs::exists(to, unknown)) continue;
    if (auto on_disk = put_on_disk(to); !on_disk) return on_disk;
  }
  if (auto on_disk = put_on_disk(made.database()); !on_disk) return on_disk;
  if (auto moved = move(made.database(), state_.database()); !moved) return moved;
  is_kept_ = true;
  if (auto removed = clear(unfinished(state_)); !removed) return removed;
  return put_on_disk(state_.root());
}

}  // namespace bastion::setup
