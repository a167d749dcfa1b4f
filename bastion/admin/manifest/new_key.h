// A key as it was given, on its way into the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bastion/transport/keys.h"
#include "store/keys.h"

namespace bastion::admin {

[[nodiscard]] inline store::Key new_key(const NamedKey& given, std::int64_t now, std::string options = {}) {
  return {.blob = given.key.blob,
          .fingerprint = transport::fingerprint(given.key.blob),
          .comment = given.comment,
          .added_at = now,
          .expires_at = std::nullopt,
          .last_used_at = std::nullopt,
          .options = std::move(options)};
}

}  // namespace bastion::admin
