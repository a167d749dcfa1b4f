// The host keys that an administrator gave for a backend or a container.
#pragma once

#include <vector>

#include "bastion/admin/manifest/differences.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "store/host_keys.h"

namespace bastion::admin {

// Not those that were learned.
[[nodiscard]] Result<std::vector<PublicKey>> pinned_keys(store::HostKeys& host_keys, const store::HostKeyOwner& owner);

// Makes them those that a document gives, if that says anything about them, and notes what differed. Their order is
// nothing that differs. `now` in Unix seconds.
Result<> change_host_keys(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                          const Given<std::vector<PublicKey>>& wanted, std::int64_t now, Differences& differences);

// After its owner has moved from where `before` was known: the pinned keys came along, or were known there too. The
// error says when others are. Nothing to say about learned ones, which stayed behind.
[[nodiscard]] Result<> have_come_along(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                                       const std::vector<store::HostKey>& before);

}  // namespace bastion::admin
