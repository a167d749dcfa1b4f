// authenticate: who it is, proven by a signature, and what they may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/access/credential.h"
#include "bastion/access/lifetime.h"
#include "bastion/access/policy.h"
#include "store/users.h"

namespace bastion::access {

struct Identity {
  std::int64_t user = 0;  // the store's row; never shown to people
  std::string name;
  Credential credential{};  // what has shown it
  store::Role role = store::Role::user;
  Policy policy{};  // what she may do, with this credential
  Lifetime::Limits limits{};
  store::Caps caps{};                   // where they are not what the configuration says
  std::optional<std::int64_t> until{};  // when that expires, if it does: Unix seconds
};

}  // namespace bastion::access
