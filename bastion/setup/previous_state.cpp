#include "bastion/setup/previous_state.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "bastion/base/inherit_owner.h"
#include "bastion/base/whole_file.h"
#include "bastion/setup/key_files.h"
#include "store/backup.h"

namespace bastion::setup {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot(const fs::path& path, int error) {
  return fail("{}: {}", path.string(), std::strerror(error));
}

bool is_at(const fs::path& path) {
  std::error_code unknown;
  return fs::exists(path, unknown);
}

Result<> move_folder(const fs::path& from, const fs::path& to) {
  if (!is_at(from)) return {};
  return ::rename(from.c_str(), to.c_str()) == 0 ? Result<>{} : cannot(from, errno);
}

Result<> take_away(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? cannot(path, error.value()) : Result<>{};
}

// Of a state directory, each with its namesake in another one.
std::vector<std::pair<fs::path, fs::path>> key_folders(const config::StateDir& one, const config::StateDir& other) {
  return {{one.host_key_folder(), other.host_key_folder()}, {one.identity_folder(), other.identity_folder()}};
}

}  // namespace

Result<> PreviousState::take_back() const {
  for (const auto& [kept, here] : key_folders(unfinished(), state_)) {
    if (!is_at(kept)) continue;
    if (auto gone = take_away(here); !gone) return gone;
    if (auto moved = move_folder(kept, here); !moved) return moved;
  }
  if (auto on_disk = put_on_disk(state_.root()); !on_disk) return on_disk;
  return take_away(unfinished().root());
}

Result<> PreviousState::settle(Joined joined) const {
  if (!is_at(unfinished().root())) return {};
  if (joined == Joined::no) return take_back();
  if (auto moved = move_folder(unfinished().root(), folder()); !moved) return moved;
  return put_on_disk(state_.root());
}

Result<> PreviousState::must_be_free() const {
  if (!is_at(folder())) return {};
  return fail("{}: what this bastion was before it joined a fleet another time is there: move it away",
              folder().string());
}

Result<> PreviousState::exchange_keys(const config::StateDir& fleet) const {
  const auto kept = unfinished();
  if (auto made = make_private_folder(kept.root()); !made) return made;
  if (auto copied = store::write_backup(state_.database(), kept.database()); !copied) return copied;
  if (auto given = inherit_owner(kept.database()); !given) return given;
  for (const auto& [here, there] : key_folders(state_, kept)) {
    if (auto moved = move_folder(here, there); !moved) return moved;
  }
  if (auto on_disk = put_on_disk(kept.root()); !on_disk) return on_disk;
  for (const auto& [made, here] : key_folders(fleet, state_)) {
    if (auto moved = move_folder(made, here); !moved) return moved;
  }
  return put_on_disk(state_.root());
}

}  // namespace bastion::setup
