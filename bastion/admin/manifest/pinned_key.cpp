#include "bastion/admin/manifest/pinned_key.h"

#include <algorithm>
#include <utility>

#include "bastion/transport/keys.h"

namespace bastion::admin {

Result<std::vector<PublicKey>> pinned_keys(store::HostKeys& host_keys, const store::HostKeyOwner& owner) {
  const auto known = host_keys.of(owner);
  if (!known) return std::unexpected(known.error());
  std::vector<PublicKey> pinned;
  for (const auto& one : *known) {
    if (one.origin != store::HostKey::Origin::pinned) continue;
    auto key = transport::public_key_from_blob(one.blob);
    if (!key) return std::unexpected(std::move(key.error()));
    pinned.push_back(*std::move(key));
  }
  return pinned;
}

Result<> change_host_keys(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                          const Given<std::vector<PublicKey>>& wanted, std::int64_t now, Differences& differences) {
  if (!wanted) return {};
  auto pinned = pinned_keys(host_keys, owner);
  if (!pinned) return std::unexpected(std::move(pinned.error()));
  if (std::ranges::is_permutation(*pinned, *wanted)) return {};
  differences.set("host key", *pinned, wanted, fingerprints_or_none);
  if (auto forgotten = host_keys.forget(owner); !forgotten) return std::unexpected(forgotten.error());
  for (const auto& key : *wanted) {
    if (auto done = host_keys.pin_too(owner, key.blob, now); !done) return done;
  }
  return {};
}

Result<> have_come_along(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                         const std::vector<store::HostKey>& before) {
  const auto after = host_keys.of(owner);
  if (!after) return std::unexpected(after.error());
  for (const auto& one : before) {
    if (one.origin != store::HostKey::Origin::pinned) continue;
    if (std::ranges::find(*after, one.blob, &store::HostKey::blob) == after->end()) {
      return fail("the machine there is known with another host key than the one that is pinned, {}: give --host-key",
                  transport::fingerprint(one.blob));
    }
    // What was learned there would not go along with the next move.
    if (auto pinned = host_keys.pin_too(owner, one.blob, one.first_seen_at); !pinned) return pinned;
  }
  return {};
}

}  // namespace bastion::admin
