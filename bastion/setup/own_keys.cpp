#include "bastion/setup/own_keys.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bastion/base/whole_file.h"
#include "bastion/setup/key_places.h"
#include "bastion/transport/keys.h"

namespace bastion::setup {
namespace {

constexpr std::size_t kLongestKeyFile = std::size_t{64} * 1024;
constexpr const char* kIdentityName = "identity/ed25519";
constexpr const char* kOldName = "identity/old";

void add_key(const std::filesystem::path& file, std::vector<PublicKey>& keys) {
  const auto key = load({.path = file, .is_credential = false, .agent = KeyAgent::named});
  if (key) keys.push_back(key->public_key());
}

}  // namespace

OwnKeys own_keys_in(const config::StateDir& state) {
  OwnKeys keys;
  for (const auto& file : state.host_keys()) add_key(file, keys.host_keys);
  add_key(state.identity(), keys.identity);
  return keys;
}

Result<CommonFiles> beside_own_identity(std::vector<fleet::KeyFile> files, const config::StateDir& state) {
  CommonFiles common{.files = std::move(files)};
  const auto there = std::ranges::find(common.files, kIdentityName, &fleet::KeyFile::name);
  std::error_code unknown;
  if (there == common.files.end() || !std::filesystem::exists(state.identity(), unknown)) return common;
  auto own = read_whole_file(state.identity(), kLongestKeyFile, Waiting::refused);
  if (!own) return std::unexpected(std::move(own.error()));
  if (*own == there->text) return common;
  if (std::ranges::find(common.files, kOldName, &fleet::KeyFile::name) != common.files.end()) {
    common.old_identity = OldIdentity::no_room;
    return common;
  }
  common.files.push_back({.name = kOldName, .text = *std::move(own)});
  common.old_identity = OldIdentity::tried_after_it;
  return common;
}

}  // namespace bastion::setup
