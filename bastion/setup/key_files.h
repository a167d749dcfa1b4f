// The private keys of the bastion itself, in the state directory (config/state_dir.h says where).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/transport/keys.h"

namespace bastion::setup {

struct KeyFiles {
  std::vector<transport::KeyPair> host_keys;  // shown to users, preferred first
  transport::KeyPair identity;                // logs in to backends and containers
};

// All of them, or the first reason why not.
[[nodiscard]] Result<KeyFiles> load_key_files(const std::filesystem::path& state_dir);

// What became of something that has to be there, said in a line.
struct Ensured {
  std::string line;
  bool is_new = true;
};

// Makes those that are missing, for the owner of the state directory; one Ensured for each file. Keys that are there
// are never touched.
[[nodiscard]] Result<std::vector<Ensured>> make_key_files(const std::filesystem::path& state_dir);

// Makes a directory nobody else may enter, unless it is there, and gives it to the owner of the one it is in.
[[nodiscard]] Result<> make_private_folder(const std::filesystem::path& folder);

}  // namespace bastion::setup
