#include "bastion/setup/key_places.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace bastion::setup {
namespace {

constexpr const char* kIdentity = "identity_ed25519";
constexpr const char* kOldIdentity = "identity_old";
constexpr const char* kCa = "identity_ca";
constexpr const char* kNextCa = "identity_ca.next";

bool has_any(const std::filesystem::path& folder, const std::string& prefix) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

KeyPlaces::KeyPlaces(config::StateDir state) : state_(std::move(state)) {
  const char* const folder = std::getenv(kCredentialsVariable);
  if (folder == nullptr || *folder == '\0') return;
  credentials_ = folder;
  has_host_keys_ = has_any(*credentials_, "host_keys_");
}

bool KeyPlaces::has(const char* name) const {
  std::error_code error;
  return credentials_ && std::filesystem::exists(*credentials_ / name, error);
}

std::filesystem::path KeyPlaces::host_key_folder() const {
  return has_host_keys_ ? *credentials_ : state_.host_key_folder();
}

KeyPlace KeyPlaces::identity() const { return has(kIdentity) ? credential(kIdentity) : KeyPlace{state_.identity()}; }

KeyPlace KeyPlaces::old_identity() const {
  return has(kIdentity) ? credential(kOldIdentity) : KeyPlace{state_.old_identity()};
}

KeyPlace KeyPlaces::ca() const { return has(kCa) ? credential(kCa) : KeyPlace{state_.ca()}; }

KeyPlace KeyPlaces::next_ca() const { return has(kCa) ? credential(kNextCa) : KeyPlace{state_.next_ca()}; }

std::vector<std::filesystem::path> KeyPlaces::folders() const {
  std::vector<std::filesystem::path> all{state_.host_key_folder(), state_.identity_folder()};
  if (credentials_) all.push_back(*credentials_);
  return all;
}

Result<transport::KeyPair> load(const KeyPlace& place) {
  using Readers = transport::KeyPair::Readers;
  return transport::KeyPair::load(place.path, place.is_credential ? Readers::any : Readers::owner);
}

}  // namespace bastion::setup
