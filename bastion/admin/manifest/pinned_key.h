// The host key that an administrator gave for a backend or a container.
#pragma once

#include <optional>

#include "bastion/admin/manifest/differences.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "store/host_keys.h"

namespace bastion::admin {

// Nothing when there is none, or only a learned one.
[[nodiscard]] Result<std::optional<PublicKey>> pinned_key(store::HostKeys& host_keys, const store::HostKeyOwner& owner);

// Makes it the one a document gives, if that says anything about it, and notes what differed. `now` in Unix seconds.
Result<> change_host_key(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                         const Given<std::optional<PublicKey>>& wanted, std::int64_t now, Differences& differences);

// After its owner has moved from where `before` was known: a pinned key came along, or was known there too. The error
// says when another one is. Nothing to say about a learned one, which stayed behind.
[[nodiscard]] Result<> has_come_along(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                                      const std::optional<store::HostKey>& before);

}  // namespace bastion::admin
