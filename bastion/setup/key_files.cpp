#include "bastion/setup/key_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "bastion/base/inherit_owner.h"
#include "bastion/base/sealing_key.h"
#include "bastion/config/state_dir.h"
#include "bastion/transport/algorithms.h"

namespace bastion::setup {
namespace {

using transport::KeyPair;

// In the order of StateDir::host_keys().
constexpr std::array kHostKeyKinds{KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa};
constexpr std::array<std::string_view, 3> kHostKeyNames{"ed25519", "ecdsa", "rsa"};
constexpr std::array<std::string_view, 3> kHostKeyTypes{"ssh-ed25519", "ecdsa-", "ssh-rsa"};
constexpr std::array<std::string_view, 5> kPresentedTypes{"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                                          "ecdsa-sha2-nistp521", "ssh-rsa"};

// A client that knows none of them has every one proven.
constexpr std::size_t kMostAnnounced = 12;

Result<Ensured> make_key_file(const KeyPlace& place, KeyPair::Kind kind) {
  const auto& file = place.path;
  struct stat status{};
  if (::lstat(file.c_str(), &status) == 0 || errno != ENOENT || is_there(place)) {
    const auto there = load(place);
    if (!there) return std::unexpected(there.error());
    if (there->is_elsewhere()) {
      return Ensured{fmt::format("{}: was there, and its private half is in the agent", file.string()), false};
    }
    return Ensured{fmt::format("{}: was there", file.string()), false};
  }
  const auto key = KeyPair::generate(kind);
  if (!key) return fail("{}: {}", file.string(), key.error().text);
  if (auto saved = key->save(file); !saved) return std::unexpected(std::move(saved.error()));
  if (auto given = inherit_owner(file); !given) return std::unexpected(std::move(given.error()));
  return Ensured{fmt::format("{}: made, {}", file.string(), transport::fingerprint(key->public_key().blob))};
}

}  // namespace

Result<std::vector<HostKeyFile>> host_key_files(const KeyPlaces& places) {
  std::vector<HostKeyFile> files;
  files.reserve(kHostKeyNames.size());
  const auto folder = places.host_key_folder();
  const auto prefix = places.host_key_prefix();
  for (std::size_t i = 0; i < kHostKeyNames.size(); ++i) {
    files.push_back({places.host_key(folder / (prefix + std::string(kHostKeyNames.at(i)))), kHostKeyTypes.at(i)});
  }
  std::error_code error;
  std::vector<HostKeyFile> others;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto& path = entry->path();
    const auto name = path.filename().string();
    if (!name.starts_with(prefix)) continue;
    const bool is_presented = std::ranges::find(kHostKeyNames, name.substr(prefix.size())) != kHostKeyNames.end();
    if (is_presented || name.starts_with('.') || path.extension() == ".pub") continue;
    others.push_back({places.host_key(path), {}});
    if (others.size() > kMostAnnounced) {
      return fail("{}: there are more than {} host keys beside those that are presented", folder.string(),
                  kMostAnnounced);
    }
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  std::ranges::sort(others, {}, [](const HostKeyFile& file) { return file.place.path; });
  std::ranges::move(others, std::back_inserter(files));
  return files;
}

Result<KeyPair> load_host_key(const HostKeyFile& file) {
  auto key = load(file.place);
  if (!key || key->public_key().type.starts_with(file.type)) return key;
  return fail("{}: this is a key of the type {}, which is not what its name says", file.place.path.string(),
              key->public_key().type);
}

Result<KeyPair> load_ca(const KeyPlace& place) {
  auto key = load(place);
  if (key && key->public_key().type != "ssh-ed25519") {
    return fail("{}: the key of the CA has to be one of ssh-ed25519, and this is one of {}", place.path.string(),
                key->public_key().type);
  }
  return key;
}

bool is_not_missed(const HostKeyFile& file, std::string_view host_key_algorithms) {
  if (file.type.empty() || is_there(file.place)) return false;
  return std::ranges::none_of(kPresentedTypes, [&](std::string_view type) {
    return type.starts_with(file.type) && transport::is_used(type, host_key_algorithms);
  });
}

Result<KeyFiles> load_key_files(const std::filesystem::path& state_dir, std::string_view host_key_algorithms,
                                KeyAgent agent) {
  const KeyPlaces places{config::StateDir(state_dir), agent};
  auto identity = load(places.identity());
  if (!identity) return std::unexpected(std::move(identity.error()));
  auto ca = load_ca(places.ca());
  if (!ca) return std::unexpected(std::move(ca.error()));
  KeyFiles keys{.host_keys = {}, .identity = {.keys = {}, .ca = *std::move(ca)}};
  keys.identity.keys.push_back(*std::move(identity));
  const auto old_identity = places.old_identity();
  if (is_there(old_identity)) {
    auto old = load(old_identity);
    if (!old) return std::unexpected(std::move(old.error()));
    // A rotation that was interrupted has the same one twice.
    if (old->public_key() != keys.identity.keys.front().public_key()) keys.identity.keys.push_back(*std::move(old));
  }
  if (is_there(places.next_ca())) {
    const auto next = load_ca(places.next_ca());
    if (!next) return std::unexpected(next.error());
    keys.identity.next_ca = next->public_key();
  }
  const auto files = host_key_files(places);
  if (!files) return std::unexpected(files.error());
  bool presents_one = false;
  for (const auto& file : *files) {
    if (is_not_missed(file, host_key_algorithms)) continue;
    auto key = load_host_key(file);
    if (!key) return std::unexpected(std::move(key.error()));
    if (!transport::is_used(key->public_key().type, host_key_algorithms)) continue;
    presents_one |= !file.type.empty();
    keys.host_keys.push_back(*std::move(key));
  }
  if (!presents_one) {
    return fail("{}: host_key_algorithms leaves none of the host keys that are presented",
                places.host_key_folder().string());
  }
  return keys;
}

Result<> make_private_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) == 0) return inherit_owner(folder);
  const int why = errno;
  if (std::error_code unknown; why == EEXIST && std::filesystem::is_directory(folder, unknown)) return {};
  return fail("{}: {}", folder.string(), std::strerror(why));
}

Result<std::vector<Ensured>> make_key_files(const std::filesystem::path& state_dir, KeyAgent agent) {
  const config::StateDir state(state_dir);
  for (const auto& folder : {state.host_key_folder(), state.identity_folder()}) {
    if (auto made = make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  }
  std::vector<Ensured> files;
  const auto make = [&](const std::filesystem::path& file, KeyPair::Kind kind) -> Result<> {
    auto ensured = make_key_file({.path = file, .is_credential = false, .agent = agent}, kind);
    if (!ensured) return std::unexpected(std::move(ensured.error()));
    files.push_back(*std::move(ensured));
    return {};
  };
  for (std::size_t i = 0; i < kHostKeyKinds.size(); ++i) {
    if (auto made = make(state.host_keys().at(i), kHostKeyKinds.at(i)); !made) return std::unexpected(made.error());
  }
  for (const auto& file : {state.identity(), state.ca()}) {
    if (auto made = make(file, KeyPair::Kind::ed25519); !made) return std::unexpected(made.error());
  }
  if (auto made = make_missing_sealing_key(state_dir); !made) return std::unexpected(made.error());
  return files;
}

Result<> make_missing_ca(const std::filesystem::path& state_dir) {
  const config::StateDir state(state_dir);
  const KeyPlaces places(state);
  if (places.ca().is_credential) return {};
  if (is_there(places.ca()) || !is_there(places.identity())) return {};
  if (auto made = make_private_folder(state.identity_folder()); !made) return made;
  const auto made = make_key_file({state.ca()}, KeyPair::Kind::ed25519);
  return made ? Result<>{} : std::unexpected(made.error());
}

Result<> make_missing_sealing_key(const std::filesystem::path& state_dir) {
  const config::StateDir state(state_dir);
  const auto place = KeyPlaces(state).sealing_key();
  if (place.is_credential || is_there(place)) return {};
  if (auto made = make_private_folder(state.identity_folder()); !made) return made;
  return SealingKey::make(place.path);
}

}  // namespace bastion::setup
