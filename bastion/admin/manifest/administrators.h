// Whether a change leaves somebody who can take it back.
#pragma once

#include <cstdint>

#include "bastion/base/result.h"

namespace bastion::store {
class Database;
}

namespace bastion::admin {

// How far administration goes, at this time: each is more than the one before.
enum class Administration : std::uint8_t {
  nobody,  // no account that is not disabled has the role
  no_key,  // there is one, and no key opens it to the commands: it expired, has a command= or was never there
  can_log_in,
};
[[nodiscard]] Result<Administration> administration(store::Database& database, std::int64_t now);

// An error when it went down from `before`.
[[nodiscard]] Result<> keep_administration(store::Database& database, std::int64_t now, Administration before);

}  // namespace bastion::admin
