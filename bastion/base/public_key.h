// A public SSH key as a value. What can be done with one is in transport/keys.h.
#pragma once

#include <string>

#include "bastion/base/bytes.h"

namespace bastion {

struct PublicKey {
  std::string type;  // the name in the blob: `ssh-ed25519`, `ssh-rsa`, …
  ByteVector blob;   // RFC 4253 section 6.6

  bool operator==(const PublicKey&) const = default;
};

struct NamedKey {
  PublicKey key;
  std::string comment;
};

}  // namespace bastion
