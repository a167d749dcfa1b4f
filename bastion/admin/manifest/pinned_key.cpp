#include "bastion/admin/manifest/pinned_key.h"

#include <utility>

#include "bastion/transport/keys.h"

namespace bastion::admin {

Result<std::optional<PublicKey>> pinned_key(store::HostKeys& host_keys, const store::HostKeyOwner& owner) {
  const auto known = host_keys.find(owner);
  if (!known) return std::unexpected(known.error());
  if (!*known || (*known)->origin != store::HostKey::Origin::pinned) return std::nullopt;
  auto key = transport::public_key_from_blob((*known)->blob);
  if (!key) return std::unexpected(std::move(key.error()));
  return *std::move(key);
}

Result<> change_host_key(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                         const Given<std::optional<PublicKey>>& wanted, std::int64_t now, Differences& differences) {
  if (!wanted) return {};
  auto pinned = pinned_key(host_keys, owner);
  if (!pinned) return std::unexpected(std::move(pinned.error()));
  if (*pinned == *wanted) return {};
  differences.set("host key", *pinned, wanted, fingerprint_or_none);
  if (*wanted) return host_keys.pin(owner, (*wanted)->blob, now);
  if (auto forgotten = host_keys.forget(owner); !forgotten) return std::unexpected(forgotten.error());
  return {};
}

Result<> has_come_along(store::HostKeys& host_keys, const store::HostKeyOwner& owner,
                        const std::optional<store::HostKey>& before) {
  if (!before || before->origin != store::HostKey::Origin::pinned) return {};
  const auto after = host_keys.find(owner);
  if (!after) return std::unexpected(after.error());
  if (*after && (*after)->blob == before->blob) {
    // What was learned there would not go along with the next move.
    return (*after)->origin == before->origin ? Result<>{} : host_keys.pin(owner, before->blob, before->first_seen_at);
  }
  return fail("the machine there is known with another host key than the one that is pinned, {}: give --host-key",
              transport::fingerprint(before->blob));
}

}  // namespace bastion::admin
