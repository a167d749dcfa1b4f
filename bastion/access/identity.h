// authenticate: who it is, proven by a signature, and what they may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/access/lifetime.h"
#include "bastion/access/policy.h"
#include "store/users.h"

namespace bastion::access {

struct Identity {
  std::int64_t user = 0;  // the store's row; never shown to people
  std::int64_t key = 0;   // the same
  std::string name;
  std::string fingerprint;
  store::Role role = store::Role::user;
  Policy policy{};  // what she may do, with this key
  Lifetime::Limits limits{};
  std::optional<std::int64_t> until{};  // when her key expires, if it does: Unix seconds
};

}  // namespace bastion::access
