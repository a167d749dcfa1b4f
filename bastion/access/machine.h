// The machine of a backend that dials in: who logs in under the name of the backend with the key that was said of it.
// It may make a link (session/link.h), and nothing else.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "bastion/access/identity.h"
#include "bastion/base/public_key.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"

namespace bastion::store {
class Links;
class Revocations;
}  // namespace bastion::store

namespace bastion::access {

struct MachineRecords {
  store::Links& links;
  store::Revocations& revocations;
};

// Nothing where there is no such backend, or another key, or one that was revoked.
[[nodiscard]] Result<std::optional<Identity>> machine_of(const MachineRecords& records, std::string_view backend,
                                                         const PublicKey& key);
// The same one, as things are now; or why its link has to end. `internal` when that cannot be read.
[[nodiscard]] std::expected<Identity, End> may_stay(const MachineRecords& records, const Identity& machine);

}  // namespace bastion::access
