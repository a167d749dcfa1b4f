// The private keys of the bastion itself, in the state directory (config/state_dir.h says where).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/transport/keys.h"

namespace bastion {

struct KeyFiles {
  std::vector<transport::KeyPair> host_keys;  // shown to users, preferred first
  transport::KeyPair identity;                // logs in to backends and containers
};

// All of them, or the first reason why not.
[[nodiscard]] Result<KeyFiles> load_key_files(const std::filesystem::path& state_dir);

// Makes those that are missing, for the owner of the state directory. Returns a line for each file that says what
// became of it. Keys that are there are never touched.
[[nodiscard]] Result<std::vector<std::string>> make_key_files(const std::filesystem::path& state_dir);

// Makes a directory nobody else may enter, unless it is there, and gives it to the owner of the one it is in.
[[nodiscard]] Result<> make_private_folder(const std::filesystem::path& folder);

}  // namespace bastion
