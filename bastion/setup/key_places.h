// Where each private key of the bastion is read from: its file in the state directory, or, where whoever started this
// process gives it, a credential (systemd.exec(5), "Credentials"). All host keys come from the one place or the other,
// and so does the identity.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/transport/keys.h"

namespace bastion::setup {

// Names the folder of the credentials.
inline constexpr const char* kCredentialsVariable = "CREDENTIALS_DIRECTORY";

// Whether the configuration names an agent that has the private halves of those keys of which only the public ones are
// here.
enum class KeyAgent : std::uint8_t { none, named };
[[nodiscard]] inline KeyAgent agent_named(const std::filesystem::path& socket) {
  return socket.empty() ? KeyAgent::none : KeyAgent::named;
}

struct KeyPlace {
  std::filesystem::path path{};
  bool is_credential = false;  // the service manager says who reads it
  KeyAgent agent = KeyAgent::none;
};

// As LoadCredential= calls the files of a folder that it is given: `host_keys_ed25519`.
class KeyPlaces {
 public:
  // By the environment of this process.
  explicit KeyPlaces(config::StateDir state, KeyAgent agent = KeyAgent::none);

  // The folder with the host keys, and what stands before their names in it.
  [[nodiscard]] std::filesystem::path host_key_folder() const;
  [[nodiscard]] std::string host_key_prefix() const { return has_host_keys_ ? "host_keys_" : ""; }
  [[nodiscard]] KeyPlace host_key(const std::filesystem::path& path) const { return {path, has_host_keys_, agent_}; }
  [[nodiscard]] KeyPlace identity() const;
  // Whether it is there or not.
  [[nodiscard]] KeyPlace old_identity() const;
  [[nodiscard]] KeyPlace ca() const;
  // Whether it is there or not.
  [[nodiscard]] KeyPlace next_ca() const;
  // Of what secrets of users are sealed with: no private key, and in no agent.
  [[nodiscard]] KeyPlace sealing_key() const;
  // Everywhere that a key may be.
  [[nodiscard]] std::vector<std::filesystem::path> folders() const;

 private:
  [[nodiscard]] KeyPlace credential(const char* name) const { return {*credentials_ / name, true, agent_}; }
  [[nodiscard]] KeyPlace in_state(std::filesystem::path path) const { return {std::move(path), false, agent_}; }
  [[nodiscard]] bool has(const char* name) const;

  config::StateDir state_;
  KeyAgent agent_;
  std::optional<std::filesystem::path> credentials_;
  bool has_host_keys_ = false;
};

// Whether there is anything, be it the public half.
[[nodiscard]] bool is_there(const KeyPlace& place);

// The error says why it is none. One that is elsewhere has its private half in the agent.
[[nodiscard]] Result<transport::KeyPair> load(const KeyPlace& place);

// Why such a key is not made, changed or removed here; nothing: it is not in an agent, or not there. `what` is what it
// is called.
[[nodiscard]] std::optional<Error> kept_by_agent(const KeyPlace& place, std::string_view what);

}  // namespace bastion::setup
