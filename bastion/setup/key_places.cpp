#include "bastion/setup/key_places.h"

#include <fmt/format.h>

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
constexpr const char* kSealingKey = "identity_seal";

bool has_any(const std::filesystem::path& folder, const std::string& prefix) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) return true;
  }
  return false;
}

// The name of a public half that stands in the place of the file.
std::filesystem::path public_half(const std::filesystem::path& file) { return file.string() + ".pub"; }

bool is_either_there(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || std::filesystem::exists(public_half(file), error);
}

}  // namespace

KeyPlaces::KeyPlaces(config::StateDir state, KeyAgent agent) : state_(std::move(state)), agent_(agent) {
  const char* const folder = std::getenv(kCredentialsVariable);
  if (folder == nullptr || *folder == '\0') return;
  credentials_ = folder;
  has_host_keys_ = has_any(*credentials_, "host_keys_");
}

bool KeyPlaces::has(const char* name) const { return credentials_ && is_either_there(*credentials_ / name); }

std::filesystem::path KeyPlaces::host_key_folder() const {
  return has_host_keys_ ? *credentials_ : state_.host_key_folder();
}

KeyPlace KeyPlaces::identity() const { return has(kIdentity) ? credential(kIdentity) : in_state(state_.identity()); }

KeyPlace KeyPlaces::old_identity() const {
  return has(kIdentity) ? credential(kOldIdentity) : in_state(state_.old_identity());
}

KeyPlace KeyPlaces::ca() const { return has(kCa) ? credential(kCa) : in_state(state_.ca()); }

KeyPlace KeyPlaces::next_ca() const { return has(kCa) ? credential(kNextCa) : in_state(state_.next_ca()); }

KeyPlace KeyPlaces::sealing_key() const {
  return has(kSealingKey) ? credential(kSealingKey) : in_state(state_.sealing_key());
}

std::vector<std::filesystem::path> KeyPlaces::folders() const {
  std::vector<std::filesystem::path> all{state_.host_key_folder(), state_.identity_folder()};
  if (credentials_) all.push_back(*credentials_);
  return all;
}

bool is_there(const KeyPlace& place) { return is_either_there(place.path); }

Result<transport::KeyPair> load(const KeyPlace& place) {
  using Readers = transport::KeyPair::Readers;
  auto key = transport::KeyPair::load_either_half(place.path, place.is_credential ? Readers::any : Readers::owner);
  if (key && key->is_elsewhere() && place.agent == KeyAgent::none) {
    return fail("{}: only the public half is here, and key_agent names no agent that has the private one",
                place.path.string());
  }
  return key;
}

std::optional<Error> kept_by_agent(const KeyPlace& place, std::string_view what) {
  const auto key = transport::KeyPair::load_either_half(place.path, transport::KeyPair::Readers::any);
  if (!key || !key->is_elsewhere()) return std::nullopt;
  return Error{fmt::format("{}: the private half of {} is in an agent: it is changed there, and this file with it",
                           place.path.string(), what)};
}

}  // namespace bastion::setup
