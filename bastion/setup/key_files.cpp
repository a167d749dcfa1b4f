#include "bastion/setup/key_files.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/inherit_owner.h"
#include "bastion/config/state_dir.h"

namespace bastion::setup {
namespace {

using transport::KeyPair;

// In the order of StateDir::host_keys().
constexpr std::array kHostKeyKinds{KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa};

Result<Ensured> make_key_file(const std::filesystem::path& file, KeyPair::Kind kind) {
  struct stat status{};
  if (::lstat(file.c_str(), &status) == 0 || errno != ENOENT) {
    if (const auto there = KeyPair::load(file); !there) return std::unexpected(there.error());
    return Ensured{fmt::format("{}: was there", file.string()), false};
  }
  const auto key = KeyPair::generate(kind);
  if (!key) return fail("{}: {}", file.string(), key.error().text);
  if (auto saved = key->save(file); !saved) return std::unexpected(std::move(saved.error()));
  if (auto given = inherit_owner(file); !given) return std::unexpected(std::move(given.error()));
  return Ensured{fmt::format("{}: made, {}", file.string(), transport::fingerprint(key->public_key().blob))};
}

}  // namespace

Result<KeyFiles> load_key_files(const std::filesystem::path& state_dir) {
  const config::StateDir state(state_dir);
  auto identity = KeyPair::load(state.identity());
  if (!identity) return std::unexpected(std::move(identity.error()));
  KeyFiles keys{.host_keys = {}, .identity = *std::move(identity)};
  for (const auto& file : state.host_keys()) {
    auto key = KeyPair::load(file);
    if (!key) return std::unexpected(std::move(key.error()));
    keys.host_keys.push_back(*std::move(key));
  }
  return keys;
}

Result<> make_private_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) == 0) return inherit_owner(folder);
  const int why = errno;
  if (std::error_code unknown; why == EEXIST && std::filesystem::is_directory(folder, unknown)) return {};
  return fail("{}: {}", folder.string(), std::strerror(why));
}

Result<std::vector<Ensured>> make_key_files(const std::filesystem::path& state_dir) {
  const config::StateDir state(state_dir);
  for (const auto& folder : {state.host_key_folder(), state.identity_folder()}) {
    if (auto made = make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  }
  std::vector<Ensured> files;
  const auto make = [&](const std::filesystem::path& file, KeyPair::Kind kind) -> Result<> {
    auto ensured = make_key_file(file, kind);
    if (!ensured) return std::unexpected(std::move(ensured.error()));
    files.push_back(*std::move(ensured));
    return {};
  };
  for (std::size_t i = 0; i < kHostKeyKinds.size(); ++i) {
    if (auto made = make(state.host_keys().at(i), kHostKeyKinds.at(i)); !made) return std::unexpected(made.error());
  }
  if (auto made = make(state.identity(), KeyPair::Kind::ed25519); !made) return std::unexpected(made.error());
  return files;
}

}  // namespace bastion::setup
