#include "bastion/key_files.h"

#include <utility>

namespace bastion {

Result<KeyFiles> load_key_files(const config::StateDir& state) {
  auto identity = transport::KeyPair::load(state.identity());
  if (!identity) return std::unexpected(identity.error());
  KeyFiles files{.host_keys = {}, .identity = *std::move(identity)};
  for (const auto& file : state.host_keys()) {
    auto key = transport::KeyPair::load(file);
    if (!key) return std::unexpected(key.error());
    files.host_keys.push_back(*std::move(key));
  }
  return files;
}

}  // namespace bastion
