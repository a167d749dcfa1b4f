// Where each private key of the bastion is read from: its file in the state directory, or, where whoever started this
// process gives it, a credential (systemd.exec(5), "Credentials"). All host keys come from the one place or the other,
// and so does the identity.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/transport/keys.h"

namespace bastion::setup {

// Names the folder of the credentials.
inline constexpr const char* kCredentialsVariable = "CREDENTIALS_DIRECTORY";

struct KeyPlace {
  std::filesystem::path path{};
  bool is_credential = false;  // the service manager says who reads it
};

// As LoadCredential= calls the files of a folder that it is given: `host_keys_ed25519`.
class KeyPlaces {
 public:
  // By the environment of this process.
  explicit KeyPlaces(config::StateDir state);

  // The folder with the host keys, and what stands before their names in it.
  [[nodiscard]] std::filesystem::path host_key_folder() const;
  [[nodiscard]] std::string host_key_prefix() const { return has_host_keys_ ? "host_keys_" : ""; }
  [[nodiscard]] KeyPlace host_key(const std::filesystem::path& path) const { return {path, has_host_keys_}; }
  [[nodiscard]] KeyPlace identity() const;
  // Whether it is there or not.
  [[nodiscard]] KeyPlace old_identity() const;
  [[nodiscard]] KeyPlace ca() const;
  // Whether it is there or not.
  [[nodiscard]] KeyPlace next_ca() const;
  // Everywhere that a key may be.
  [[nodiscard]] std::vector<std::filesystem::path> folders() const;

 private:
  [[nodiscard]] KeyPlace credential(const char* name) const { return {*credentials_ / name, true}; }
  [[nodiscard]] bool has(const char* name) const;

  config::StateDir state_;
  std::optional<std::filesystem::path> credentials_;
  bool has_host_keys_ = false;
};

// The error says why it is none.
[[nodiscard]] Result<transport::KeyPair> load(const KeyPlace& place);

}  // namespace bastion::setup
