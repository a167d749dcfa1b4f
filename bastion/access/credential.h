// What somebody has shown to be who they say they are. One alternative for each method of bastion/auth/methods.h.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "bastion/base/match.h"
#include "bastion/base/requirement.h"

namespace bastion::access {

// "publickey": a key that is enrolled, and a signature of it.
struct KeyCredential {
  std::int64_t key = 0;  // the store's row; never shown to people
  std::string fingerprint;
};

using Credential = std::variant<KeyCredential>;

// As records and messages name it: the fingerprint of a key.
[[nodiscard]] inline const std::string& name_of(const Credential& credential) {
  return std::visit(Match{[](const KeyCredential& key) -> const std::string& { return key.fingerprint; }}, credential);
}

// As what it counts.
[[nodiscard]] inline Factor factor_of(const Credential& credential) {
  return std::visit(Match{[](const KeyCredential&) { return Factor::publickey; }}, credential);
}

}  // namespace bastion::access
