// The private keys of the bastion itself (key_places.h says where).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/key_places.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/own_identity.h"

namespace bastion::setup {

struct KeyFiles {
  // First those that are presented to users, one of each type and preferred first, then those that are only announced.
  std::vector<transport::KeyPair> host_keys;
  transport::OwnIdentity identity;
};

// A host key of the bastion: what is presented stands under the name of its type (StateDir::host_keys()), all others in
// that folder are announced and proven only, so that clients learn what is presented later, and know what was earlier.
struct HostKeyFile {
  KeyPlace place;
  std::string_view type;  // how the type of what is presented begins: `ssh-ed25519`, `ecdsa-`, `ssh-rsa`; else empty
};
// Every file in the folder but those that are hidden (.NAME) and public keys (NAME.pub): the presented ones first, also
// when they are missing, the others by name.
[[nodiscard]] Result<std::vector<HostKeyFile>> host_key_files(const KeyPlaces& places);
// The error also says when another key stands under the name of a type.
[[nodiscard]] Result<transport::KeyPair> load_host_key(const HostKeyFile& file);

// The error also says when it is of another type than ed25519.
[[nodiscard]] Result<transport::KeyPair> load_ca(const KeyPlace& place);

// All of them, or the first reason why not. Host keys that sign by none of these algorithms (transport/algorithms.h)
// are left out, and need not be there.
[[nodiscard]] Result<KeyFiles> load_key_files(const std::filesystem::path& state_dir,
                                              std::string_view host_key_algorithms = {},
                                              KeyAgent agent = KeyAgent::none);

// Whether that is of a type that these algorithms leave out, and is not there. It is not missed.
[[nodiscard]] bool is_not_missed(const HostKeyFile& file, std::string_view host_key_algorithms);

// What became of something that has to be there, said in a line.
struct Ensured {
  std::string line;
  bool is_new = true;
};

// Makes those that are missing, for the owner of the state directory; one Ensured for each file. Keys that are there
// are never touched, and none is made where the public half says that the private one is in the agent.
[[nodiscard]] Result<std::vector<Ensured>> make_key_files(const std::filesystem::path& state_dir,
                                                          KeyAgent agent = KeyAgent::none);

// Makes the CA's key where a state directory of an older version has an identity and no CA.
[[nodiscard]] Result<> make_missing_ca(const std::filesystem::path& state_dir);

// Makes the key that secrets of users are sealed with, where there is none.
[[nodiscard]] Result<> make_missing_sealing_key(const std::filesystem::path& state_dir);

// Makes a directory nobody else may enter, unless it is there, and gives it to the owner of the one it is in.
[[nodiscard]] Result<> make_private_folder(const std::filesystem::path& folder);

}  // namespace bastion::setup
