// Whether somebody who is logged in would still be let in, and if not, why. What a session is measured against again
// when the store has changed (overseer.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "bastion/access/identity.h"
#include "bastion/base/reason.h"
#include "store/keys.h"

namespace bastion::store {
class Containers;
class Users;
}  // namespace bastion::store

namespace bastion::access {

// The earlier of two times; nothing is never.
[[nodiscard]] inline std::optional<std::int64_t> earlier(std::optional<std::int64_t> one,
                                                         std::optional<std::int64_t> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

// Her account and the key she came with, as the store has them now. The end says what has become of them; `internal`
// that the store cannot be read.
[[nodiscard]] std::expected<store::AcceptedKey, End> find_standing(store::Users& users, store::Keys& keys,
                                                                   const Identity& who, std::int64_t now);

// Until when she may enter this container, if it is for a time. `shown` is how she knows it.
[[nodiscard]] std::expected<std::optional<std::int64_t>, End> find_access(store::Containers& containers,
                                                                          const Identity& who, std::int64_t container,
                                                                          const std::string& shown, std::int64_t now);

}  // namespace bastion::access
